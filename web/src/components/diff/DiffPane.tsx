import type { CodeViewLineSelection, FileDiff, FileDiffContentsLoader } from "@pierre/diffs";
import { CodeView, type CodeViewHandle } from "@pierre/diffs/react";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { goOn } from "../../opening";
import { markAbout } from "./about-marks";
import classes from "./DiffPane.module.css";
import { expandOnKey, labelExpandControls } from "./expand-keys";
import { type Find, FindMarks } from "./find-marks";
import type { Heights } from "./heights";
import { ItemList, type ItemState, type LineNote, ROOM } from "./items";
import { type DiffLook, diffOptions, GAP } from "./options";
import type { ParsedFile } from "./patch";
import { topItem } from "./place";
import { keepsText, Presses } from "./presses";
import { Room } from "./Room";
import { type Reveal, revealLine } from "./reveal";
import { drawnTo, type LineRange, rangeBetween, rowsOf } from "./rows";
import { useGiven } from "./use-given";

export interface DiffPaneHandle {
  showFile: (path: string) => void;
  /** Scrolls to lines, opening what is folded around them. Resolves to false when the file has no such line. */
  showLines: (range: LineRange, how?: "center" | "nearest") => Promise<boolean>;
  /** Scrolls so that `path` stands where it stands in the other pane. */
  follow: (path: string, offset: number) => void;
  /** The file at the top, and how far into it the pane is. */
  offset: () => { path: string; offset: number } | null;
  focus: () => void;
}

export interface DiffPaneProps {
  files: ParsedFile[];
  /** All paths to list, in order; those not in `files` are shown as unchanged here. Null: just the files. */
  paths: readonly string[] | null;
  look: DiffLook;
  label: string;
  /** Whole files, to open the unchanged lines around a change. Left out: there is nothing but the patch. */
  load?: FileDiffContentsLoader;
  /** Which files are folded, and what is to be rendered below their lines. */
  stateOf: (path: string) => ItemState;
  renderHead: (path: string) => ReactNode;
  renderNote?: (note: LineNote) => ReactNode;
  /** The selected lines, and who is told when a pointer selects others. */
  selected: LineRange | null;
  onSelect: (range: LineRange | null) => void;
  /** The button in the gutter was pressed for these lines. Left out: there is no button. */
  onAct?: (range: LineRange) => void;
  find: Find | null;
  /** Where this pane tells how tall its files are, and where the one beside it does: it leaves room for what it lacks. */
  heights?: Heights;
  beside?: Heights;
  /** How many lines a file that this pane lacks has at least beside it; 0: it is folded there. */
  roomFor?: (path: string) => number;
  /** The file at the top, and how far into it the pane is, in pixels; only for scrolling that a person did. */
  onPlace?: (path: string, offset: number) => void;
  onActive?: () => void;
  ref?: Ref<DiffPaneHandle>;
}

const BY_PERSON = ["wheel", "pointerdown", "keydown", "touchstart"] as const;

/** One virtualised pane of a diff, by @pierre/diffs. Nothing outside this folder knows that library. */
export function DiffPane(props: DiffPaneProps) {
  const { files, paths, look, label, load, stateOf, renderHead, renderNote, selected, onSelect, onAct, find } = props;
  const view = useRef<CodeViewHandle<LineNote, undefined>>(null);
  const [box, setBox] = useState<HTMLElement | null>(null);
  const driven = useRef(false);
  const [list] = useState(() => new ItemList());
  const [marks] = useState(() => new FindMarks());
  const [presses] = useState(() => new Presses());
  const { heights, beside, roomFor } = props;
  const items = useMemo(() => list.next(files, paths, stateOf, roomFor), [list, files, paths, stateOf, roomFor]);
  const { given, giveAll } = useGiven(items);
  const byPath = useMemo(() => new Map(files.map((file) => [file.path, file])), [files]);
  const act = useRef(onAct);
  act.current = onAct;
  const state = useRef(stateOf);
  state.current = stateOf;
  const hasAct = onAct !== undefined;
  const tell = useRef(() => {});
  const waits = useRef(false);
  tell.current = () => {
    if (heights === undefined || waits.current) return;
    waits.current = true;
    // What was drawn in this frame is measured at its end.
    requestAnimationFrame(() => {
      waits.current = false;
      const drawn = view.current?.getInstance()?.getRenderedItems() ?? [];
      heights.set(
        drawn.flatMap(({ id, instance }) => {
          const height = "getVirtualizedHeight" in instance ? Number(instance.getVirtualizedHeight()) : 0;
          return byPath.has(id) && height > 0 ? [[id, height] as const] : [];
        }),
      );
    });
  };
  // A click on code does what a click on its line's number does; the viewer knows of the numbers alone.
  const click = useRef((_: LineRange, __: boolean) => {});
  // The first of two clicks meant a word, as is known by the second.
  const undo = useRef<(() => void) | null>(null);
  click.current = (at, drawn) => {
    const before = selected;
    undo.current = () => onSelect(before);
    if (drawn && selected?.path === at.path)
      return onSelect(drawnTo(rowsIn(byPath.get(at.path)), selected, { which: at.which, line: at.from }));
    const again = selected?.path === at.path && selected.which === at.which && selected.from === at.from;
    onSelect(again && selected.to === at.from ? null : at);
  };

  const options = useMemo(
    () => ({
      ...diffOptions(look),
      ...(load ? { loadDiffFiles: load } : {}),
      enableLineSelection: true,
      enableGutterUtility: hasAct,
      onGutterUtilityClick: (range: CodeViewLineSelection["range"], context: { item: { id: string } }) => {
        const lines = toRange(byPath.get(context.item.id), context.item.id, range);
        act.current?.(lines);
      },
      onLineClick: (line: ClickedLine, context: { item: { id: string } }) => {
        if (line.numberColumn) return;
        if (line.event.detail === 2) return undo.current?.();
        if (!presses.meansLine(line.event)) return;
        const which = line.annotationSide === "deletions" ? ("old" as const) : ("new" as const);
        const at = { path: context.item.id, which, from: line.lineNumber, to: line.lineNumber };
        click.current(at, line.event.shiftKey);
      },
      onPostRender: (node: HTMLElement, _: unknown, phase: string, context: { item: { id: string } }) => {
        if (phase === "unmount") return marks.gone(node);
        goOn();
        // What is no text has no line to show, nor has what is not here.
        if (byPath.get(context.item.id)?.binary ?? true) node.dataset.binary = "";
        else delete node.dataset.binary;
        node.toggleAttribute("data-lacking", !byPath.has(context.item.id));
        labelExpandControls(node);
        markAbout(node, state.current(context.item.id).notes);
        marks.rendered(node, context.item.id);
        tell.current();
      },
    }),
    [look, load, byPath, marks, presses, hasAct],
  );

  useEffect(() => {
    if (heights === undefined) return;
    heights.reckon = (path) => {
      const viewer = view.current?.getInstance();
      const next = items[items.findIndex((item) => item.id === path) + 1];
      const [top, below] = [viewer?.getTopForItem(path), next && viewer?.getTopForItem(next.id)];
      return byPath.has(path) && top !== undefined && below !== undefined ? below - top - GAP : null;
    };
    return () => {
      heights.reckon = null;
    };
  }, [heights, items, byPath]);
  useEffect(() => marks.set(find), [marks, find]);
  useEffect(() => () => marks.clear(), [marks]);

  const active = useRef(props.onActive);
  active.current = props.onActive;
  useEffect(() => {
    if (!box) return;
    // It scrolls, so it must be reachable by keyboard.
    const scroller = box.querySelector<HTMLElement>(`.${classes.view}`);
    if (scroller) scroller.tabIndex = 0;
    const byPerson = () => {
      driven.current = true;
    };
    const toActive = () => active.current?.();
    const pressed = (event: PointerEvent) => presses.pressed(event);
    for (const name of BY_PERSON) box.addEventListener(name, byPerson, { passive: true });
    box.addEventListener("keydown", expandOnKey);
    box.addEventListener("pointerdown", toActive);
    box.addEventListener("pointerdown", pressed);
    box.addEventListener("mousedown", keepsText);
    box.addEventListener("focusin", toActive);
    return () => {
      for (const name of BY_PERSON) box.removeEventListener(name, byPerson);
      box.removeEventListener("keydown", expandOnKey);
      box.removeEventListener("pointerdown", toActive);
      box.removeEventListener("pointerdown", pressed);
      box.removeEventListener("mousedown", keepsText);
      box.removeEventListener("focusin", toActive);
    };
  }, [box, presses]);

  const reveal: Reveal = {
    scroll: (target) => {
      driven.current = false;
      view.current?.scrollTo(target);
    },
    instanceOf: (path) => {
      const found = view.current
        ?.getInstance()
        ?.getRenderedItems()
        .find((entry) => entry.id === path);
      return found?.type === "diff" ? (found.instance as FileDiff<LineNote, undefined>) : null;
    },
    fileOf: (path) => byPath.get(path) ?? null,
  };
  useImperativeHandle(props.ref, () => ({
    showFile: (path) => {
      giveAll();
      if (!view.current?.getItem(path)) return;
      const jump = () => reveal.scroll({ type: "item", id: path, align: "start", behavior: "instant" });
      jump();
      // Heights above were estimates; once they are measured the file has moved a little.
      setTimeout(jump, 120);
    },
    showLines: (range, how) => {
      giveAll();
      return revealLine(reveal, range, how ?? "center");
    },
    follow: (path, offset) => {
      const top = view.current?.getInstance()?.getTopForItem(path);
      if (top !== undefined) reveal.scroll({ type: "position", position: top + offset, behavior: "instant" });
    },
    offset: () => {
      const viewer = view.current?.getInstance();
      const found = viewer && topItem(ids(items), viewer.getScrollTop() + 1, (id) => viewer.getTopForItem(id));
      return found ? { path: found.id, offset: found.offset - 1 } : null;
    },
    focus: () => box?.querySelector<HTMLElement>(`.${classes.view}`)?.focus({ preventScroll: true }),
  }));

  return (
    <section className={classes.pane} aria-label={label} ref={setBox}>
      <CodeView<LineNote, undefined>
        ref={view}
        className={classes.view}
        items={given}
        options={options}
        selectedLines={selected ? toSelection(selected) : null}
        onSelectedLinesChange={(next) => {
          // Unselecting in one file is told by that file alone, also when another one has just been selected.
          if (next) onSelect(toRange(byPath.get(next.id), next.id, next.range));
          else onSelect(null);
        }}
        onScroll={(scrollTop, viewer) => {
          if (!props.onPlace || !driven.current) return;
          const place = topItem(ids(items), scrollTop, (id) => viewer.getTopForItem(id));
          if (place) props.onPlace(place.id, place.offset);
        }}
        renderCustomHeader={(item) => renderHead(item.id)}
        renderAnnotation={
          renderNote || beside
            ? (...[annotation]) => {
                const note = annotation.metadata;
                if (!note) return null;
                if (beside && note.key.startsWith(ROOM))
                  return <Room path={note.path} lines={Number(note.key.slice(ROOM.length))} beside={beside} />;
                return renderNote?.(note) ?? null;
              }
            : undefined
        }
      />
    </section>
  );
}

/** What the viewer tells of a click; lines of a file that is no diff have no side. */
interface ClickedLine {
  lineNumber: number;
  numberColumn: boolean;
  annotationSide?: "deletions" | "additions";
  event: MouseEvent;
}

function rowsIn(file: ParsedFile | undefined) {
  return file?.diff ? rowsOf(file.diff) : [];
}

function ids(items: readonly { id: string }[]): string[] {
  return items.map((item) => item.id);
}

function toSelection(range: LineRange): CodeViewLineSelection {
  const side = range.which === "old" ? ("deletions" as const) : ("additions" as const);
  return { id: range.path, range: { start: range.from, side, end: range.to, endSide: side } };
}

function toRange(file: ParsedFile | undefined, path: string, range: CodeViewLineSelection["range"]): LineRange {
  const which = (side: "deletions" | "additions" | undefined) => (side === "deletions" ? "old" : "new");
  return rangeBetween(
    rowsIn(file),
    path,
    { which: which(range.side), line: range.start },
    { which: which(range.endSide ?? range.side), line: range.end },
  );
}
