import type { CodeViewItem } from "@pierre/diffs";
import { CodeView, type CodeViewHandle } from "@pierre/diffs/react";
import { useEffect, useMemo, useRef, useState } from "react";
import classes from "./DiffPane.module.css";
import { type Find, FindMarks } from "./find-marks";
import type { LineNote } from "./items";
import { type DiffLook, diffOptions } from "./options";

export interface FilePaneProps {
  path: string;
  /** Tamed text. */
  text: string;
  /** Names the content uniquely, for the highlighter's cache. */
  id: string;
  look: DiffLook;
  label: string;
  lines: { from: number; to: number } | null;
  onLines: (lines: { from: number; to: number } | null) => void;
  find: Find | null;
}

/** One whole file, highlighted and virtualised. */
export function FilePane({ path, text, id, look, label, lines, onLines, find }: FilePaneProps) {
  const view = useRef<CodeViewHandle<LineNote, undefined>>(null);
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [marks] = useState(() => new FindMarks());
  const items = useMemo(
    (): CodeViewItem<LineNote>[] => [
      { id, type: "file", file: { name: path, contents: text, cacheKey: `file:${id}` } },
    ],
    [id, path, text],
  );
  const options = useMemo(
    () => ({
      ...diffOptions(look),
      disableFileHeader: true,
      enableLineSelection: true,
      onPostRender: (node: HTMLElement, _: unknown, phase: string) => {
        if (phase === "unmount") return marks.gone(node);
        // Long lines scroll sideways in a box of their own, which the arrow keys must reach.
        const lines = (node.shadowRoot ?? node).querySelector<HTMLElement>("code");
        if (lines) lines.tabIndex = 0;
        marks.rendered(node, path);
      },
    }),
    [look, marks, path],
  );
  useEffect(() => marks.set(find), [marks, find]);
  useEffect(() => () => marks.clear(), [marks]);
  useEffect(() => {
    const scroller = box?.querySelector<HTMLElement>(`.${classes.view}`);
    if (scroller) scroller.tabIndex = 0;
  }, [box]);
  const from = lines?.from;
  const chosenHere = useRef<number | null>(null);
  useEffect(() => {
    if (from === undefined || chosenHere.current === from) return;
    const jump = () =>
      view.current?.scrollTo({ type: "line", id, lineNumber: from, align: "center", behavior: "instant" });
    jump();
    const timer = setTimeout(jump, 120);
    return () => clearTimeout(timer);
  }, [from, id]);
  return (
    <section className={classes.pane} aria-label={label} ref={setBox}>
      <CodeView<LineNote, undefined>
        key={id}
        ref={view}
        className={classes.view}
        items={items}
        options={options}
        selectedLines={lines ? { id, range: { start: lines.from, end: lines.to } } : null}
        onSelectedLinesChange={(next) => {
          const range = next && [next.range.start, next.range.end].sort((one, other) => one - other);
          chosenHere.current = range?.[0] ?? null;
          onLines(range ? { from: range[0] ?? 1, to: range[1] ?? 1 } : null);
        }}
      />
    </section>
  );
}
