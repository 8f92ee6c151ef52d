import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { type DiffPaneHandle, type LineRange, rowsOf, textOf } from "../../components/diff";
import { isAbout, type LineHooks, type Pane, type SideLines, toPane, toSide } from "./line-hooks";
import type { Changes } from "./use-changes";
import type { FoldState } from "./use-folds";
import type { Viewed } from "./use-viewed";
import { extended, nextChange, nextLine, type Step, type WalkFile } from "./walking";

export interface Reader {
  active: Pane;
  activate: (pane: Pane) => void;
  selected: { pane: Pane; range: LineRange } | null;
  select: (pane: Pane, range: LineRange | null) => void;
  /** The file that the reader is in. */
  current: string | null;
  handles: Record<Pane, RefObject<DiffPaneHandle | null>>;
  follow: (pane: Pane) => (path: string, offset: number) => void;
  showFile: (path: string) => void;
  /** Selects lines and goes there. False: the file has no such line. */
  showLines: (pane: Pane, range: LineRange) => Promise<boolean>;
  /** Goes to lines without selecting them. */
  reveal: (pane: Pane, range: LineRange) => Promise<boolean>;
  nextChange: (step: Step) => void;
  nextFile: (step: Step) => void;
  nextNote: (step: Step) => void;
  nextLine: (step: Step) => void;
  extend: (step: Step) => void;
  act: () => void;
  actOn: (pane: Pane, range: LineRange) => void;
  toggleViewed: () => void;
  toggleFold: () => void;
}

interface Parts {
  changes: Changes;
  hooks: LineHooks;
  folds: FoldState;
  viewed: Viewed;
  /** Whether the panes scroll together. */
  together: boolean;
}

/** Where the reader is in the changes, and the ways to move on. */
export function useReader({ changes, hooks, folds, viewed, together }: Parts): Reader {
  const [chosen, setActive] = useState<Pane>("A");
  const active = changes.panes.includes(chosen) ? chosen : (changes.panes[0] ?? "A");
  const [selected, setSelected] = useState<Reader["selected"]>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const handles = {
    A: useRef<DiffPaneHandle>(null),
    B: useRef<DiffPaneHandle>(null),
    between: useRef<DiffPaneHandle>(null),
  };
  const behind = useRef<(() => void) | null>(null);
  const files = changes.filesOf(active);
  const walk = useMemo<WalkFile[]>(
    () => files.map((file) => ({ path: file.path, rows: () => (file.diff ? rowsOf(file.diff) : []) })),
    [files],
  );
  const { onSelectLines, onActOnLines } = hooks;
  const told = useRef((_: Pane, __: LineRange): SideLines => {
    throw new Error("called before the first render");
  });
  told.current = (pane, range) => {
    const diff = changes.filesOf(pane).find((file) => file.path === range.path)?.diff;
    const { from } = changes.pointsOf(pane);
    return {
      ...toSide(pane, range),
      before: from === "base" ? "base" : "start",
      text: diff ? textOf(diff, range) : "",
    };
  };
  const select = useCallback(
    (pane: Pane, range: LineRange | null) => {
      setSelected((old) => (range ? { pane, range } : old?.pane === pane ? null : old));
      if (range) {
        setActive(pane);
        setCurrent(range.path);
      }
      onSelectLines?.(range ? told.current(pane, range) : null);
    },
    [onSelectLines],
  );
  const range = selected?.pane === active ? selected.range : null;
  const place = () => current ?? handles[active].current?.offset()?.path ?? null;
  /** What "next" counts from: the selection, else the top of the file in view. */
  const here = (): LineRange | null => {
    if (range) return range;
    const path = place();
    return path ? { path, which: "new", from: 0, to: 0 } : null;
  };
  const go = (next: LineRange | null, how: "center" | "nearest") => {
    if (!next) return;
    select(active, next);
    void reveal(active, next, how);
  };
  const reveal = async (pane: Pane, lines: LineRange, how: "center" | "nearest" = "center") => {
    const file = changes.filesOf(pane).find((entry) => entry.path === lines.path);
    if (file && folds.isFolded(pane, file, viewed.has(pane, file))) folds.set(pane, lines.path, false);
    setCurrent(lines.path);
    await new Promise((done) => requestAnimationFrame(done));
    const handle = handles[pane].current;
    const found = (await handle?.showLines(lines, how)) ?? false;
    const here = together ? handle?.offset() : null;
    for (const other of changes.panes)
      if (here && other !== pane) handles[other].current?.follow(here.path, here.offset);
    return found;
  };
  const showFile = (path: string) => {
    setCurrent(path);
    for (const pane of changes.panes) handles[pane].current?.showFile(path);
  };
  const fileHere = () => files.find((file) => file.path === place());
  return {
    active,
    activate: setActive,
    selected,
    select,
    current,
    handles,
    follow: (pane) => (path, offset) => {
      // The other pane follows in every second frame: drawing both in each would halve the frames of the one that is read.
      const waits = behind.current !== null;
      behind.current = () => {
        for (const other of changes.panes) if (other !== pane) handles[other].current?.follow(path, offset);
      };
      if (waits) return;
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          const last = behind.current;
          behind.current = null;
          last?.();
        }),
      );
    },
    showFile,
    showLines: (pane, lines) => {
      select(pane, lines);
      return reveal(pane, lines);
    },
    reveal,
    nextChange: (step) => go(nextChange(walk, here(), step), "center"),
    nextLine: (step) => go(nextLine(walk, here(), step), "nearest"),
    nextFile: (step) => {
      const paths = changes.list.map((file) => file.path);
      const at = paths.indexOf(place() ?? "");
      const next = paths[at === -1 ? 0 : at + step];
      if (next === undefined) return;
      setSelected(null);
      showFile(next);
    },
    nextNote: (step) => {
      const order = new Map(files.map((file, index) => [file.path, index]));
      const notes = hooks.notes
        .filter((note) => isAbout(note, changes.pointsOf(active).from))
        .flatMap((note) => toPane(active, note) ?? [])
        .filter((note) => order.has(note.path))
        .sort((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0) || a.line - b.line);
      const at = here();
      const rank = (path: string, line: number) => (order.get(path) ?? -1) * 1e9 + line;
      const mine = at ? rank(at.path, at.to) : -1;
      const next =
        step === 1
          ? notes.find((note) => rank(note.path, note.line) > mine)
          : notes.findLast((note) => rank(note.path, note.line) < mine);
      if (!next) return;
      if (next.line > 0) {
        const lines = { path: next.path, which: next.which, from: next.from ?? next.line, to: next.line };
        select(active, lines);
        // The note stands below the last of its lines.
        void reveal(active, lines).then(() => reveal(active, { ...lines, from: lines.to }));
      } else {
        // A note on a whole file stands above its first line, which can't be selected.
        setSelected({ pane: active, range: { path: next.path, which: next.which, from: 0, to: 0 } });
        showFile(next.path);
      }
    },
    extend: (step) => {
      const file = walk.find((entry) => entry.path === range?.path);
      if (file && range) go(extended(file, range, step), "nearest");
    },
    act: () => {
      if (range) onActOnLines?.(told.current(active, range));
    },
    actOn: (pane, lines) => onActOnLines?.(told.current(pane, lines)),
    toggleViewed: () => {
      const file = fileHere();
      if (!file) return;
      folds.forget(active, file.path);
      viewed.toggle(active, file);
    },
    toggleFold: () => {
      const file = fileHere();
      if (file) folds.set(active, file.path, !folds.isFolded(active, file, viewed.has(active, file)));
    },
  };
}
