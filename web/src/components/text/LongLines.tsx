import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useCallback, useLayoutEffect, useRef, useState } from "react";
import { counted } from "./counted";
import classes from "./LongLines.module.css";
import { useTabIndex } from "./tab-stop";

export interface LongLinesProps {
  lines: readonly string[];
  label: string;
  /** Draws one line; must be the same function from one drawing to the next. */
  draw: (line: string) => ReactNode;
  /** Shown at once when there are too many: so many of the first, so many of the last. */
  head: number;
  tail: number;
  maxHeight: number;
  /** Stays at the end while it grows, unless the reader has scrolled up. */
  follow?: boolean;
  /** Said above the lines. */
  note?: ReactNode;
}

/**
 * Many lines: the first and the last, and all on demand. All are windowed, so that a log of a million lines costs what
 * fits on the screen.
 */
export function LongLines(props: LongLinesProps) {
  const { lines, label, maxHeight, head, tail } = props;
  const [all, setAll] = useState(false);
  const stop = useTabIndex();
  const between = lines.length - head - tail;
  const folded = between > 5 && !all;
  if (!folded && lines.length > 300) return <Windowed {...props} onLess={all ? () => setAll(false) : undefined} />;
  return (
    <Box label={label} maxHeight={maxHeight} follow={props.follow ? lines.length : undefined} note={props.note}>
      <pre className={classes.lines}>
        <Lines lines={folded ? lines.slice(0, head) : lines} first={0} draw={props.draw} />
        {folded && (
          <>
            <button type="button" className={classes.more} tabIndex={stop} onClick={() => setAll(true)}>
              Show all: {between.toLocaleString()} more lines
            </button>
            <Lines lines={lines.slice(lines.length - tail)} first={lines.length - tail} draw={props.draw} />
          </>
        )}
      </pre>
    </Box>
  );
}

function Lines({ lines, first, draw }: { lines: readonly string[]; first: number; draw: LongLinesProps["draw"] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its place; lines are only ever added at the end
  return lines.map((line, at) => <Line key={first + at} line={line} draw={draw} />);
}

const Line = memo(function Line({ line, draw }: { line: string; draw: LongLinesProps["draw"] }) {
  return <span className={classes.line}>{line === "" ? "\n" : draw(line)}</span>;
});

interface BoxProps {
  label: string;
  maxHeight: number;
  note?: ReactNode;
  children: ReactNode;
  /** Grows with what is followed. */
  follow?: number | undefined;
}

function Box({ label, maxHeight, note, children, follow }: BoxProps) {
  const box = useRef<HTMLElement>(null);
  const away = useRef(false);
  const tabIndex = useTabIndex();
  useLayoutEffect(() => {
    const node = box.current;
    if (node && follow !== undefined && follow > 0 && !away.current) node.scrollTop = node.scrollHeight;
  }, [follow]);
  return (
    <section
      ref={box}
      className={classes.box}
      style={{ maxHeight }}
      aria-label={label}
      tabIndex={tabIndex}
      onScroll={(event) => {
        const node = event.currentTarget;
        away.current = node.scrollHeight - node.scrollTop - node.clientHeight > 24;
      }}
    >
      {note}
      {children}
    </section>
  );
}

function Windowed({ lines, label, draw, maxHeight, note, follow, onLess }: LongLinesProps & { onLess?: () => void }) {
  const box = useRef<HTMLElement>(null);
  const away = useRef(false);
  const tabIndex = useTabIndex();
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: useCallback(() => 18, []),
    overscan: 20,
  });
  const total = rows.getTotalSize();
  useLayoutEffect(() => {
    const node = box.current;
    if (node && follow && total > 0 && !away.current) node.scrollTop = node.scrollHeight;
  }, [follow, total]);
  return (
    <div>
      {(note || onLess) && (
        <div className={classes.head}>
          {note ?? <span>{counted(lines.length, "line")}</span>}
          {onLess && (
            <button type="button" className={classes.more} tabIndex={tabIndex} onClick={onLess}>
              Show less
            </button>
          )}
        </div>
      )}
      <section
        ref={box}
        className={classes.box}
        style={{ height: Math.min(maxHeight, total + 24) }}
        aria-label={label}
        tabIndex={tabIndex}
        onScroll={(event) => {
          const node = event.currentTarget;
          away.current = node.scrollHeight - node.scrollTop - node.clientHeight > 24;
        }}
      >
        <pre className={classes.lines} style={{ height: total, position: "relative" }}>
          {rows.getVirtualItems().map((row) => (
            <span
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              className={classes.placed}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <Line line={lines[row.index] ?? ""} draw={draw} />
            </span>
          ))}
        </pre>
      </section>
    </div>
  );
}
