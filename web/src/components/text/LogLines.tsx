import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useCallback, useEffect, useRef } from "react";
import { drawTerminalLine } from "./LogView";
import classes from "./LogViewer.module.css";
import { hasHidden } from "./visible";

export interface LogLinesProps {
  lines: readonly string[];
  label: string;
  wrapped: boolean;
  /** Marked where they stand. */
  words: string;
  /** The line to show, from 0 (-1: none), anew whenever `wish` is another. */
  current: number;
  wish: number;
  /** Whether the box itself is to be brought into view with it. */
  reveal: boolean;
}

/** Numbered lines of a log in a window. Apart from its tools, so that scrolling draws lines and nothing else. */
export const LogLines = memo(function LogLines(props: LogLinesProps) {
  const { lines, label, wrapped, words, current, wish, reveal } = props;
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: useCallback(() => 18, []),
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured is void once lines wrap otherwise
  useEffect(() => rows.measure(), [wrapped]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line is shown when it is asked for, and then left to the reader
  useEffect(() => {
    if (current < 0) return;
    rows.scrollToIndex(current, { align: "center" });
    if (reveal) box.current?.scrollIntoView({ block: "nearest" });
  }, [wish]);
  const total = rows.getTotalSize();
  const width = `${String(lines.length).length + 2}ch`;
  return (
    <section
      ref={box}
      className={classes.box}
      style={{ height: Math.min(460, total + 22) }}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div className={classes.lines} style={{ height: total }} data-wrap={wrapped || undefined}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            ref={wrapped ? rows.measureElement : undefined}
            data-index={row.index}
            data-current={row.index === current || undefined}
            className={classes.line}
            style={{ transform: `translateY(${row.start}px)` }}
          >
            <span className={classes.at} style={{ width }} aria-hidden>
              {row.index + 1}
            </span>
            <Line line={lines[row.index] ?? ""} words={words} />
          </div>
        ))}
      </div>
    </section>
  );
});

const Line = memo(function Line({ line, words }: { line: string; words: string }) {
  return <span className={classes.text}>{line === "" ? " " : marked(line, words.trim())}</span>;
});

/** A plain line with the words marked. One with colours or marks of its own is drawn as it is: its place is lit instead. */
function marked(line: string, words: string): ReactNode {
  if (words === "" || hasHidden(line)) return drawTerminalLine(line);
  const lower = line.toLowerCase();
  const wanted = words.toLowerCase();
  if (lower.length !== line.length) return line; // some capitals are longer than their small letters: places differ
  const parts: ReactNode[] = [];
  let at = 0;
  for (let found = lower.indexOf(wanted); found !== -1; found = lower.indexOf(wanted, at)) {
    parts.push(line.slice(at, found), <mark key={found}>{line.slice(found, found + wanted.length)}</mark>);
    at = found + wanted.length;
  }
  return [...parts, line.slice(at)];
}
