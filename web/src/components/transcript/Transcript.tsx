import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { TranscriptState } from "./items";
import { PlanList } from "./PlanList";
import classes from "./Transcript.module.css";
import { TranscriptRow } from "./TranscriptRow";

export interface TranscriptProps {
  state: TranscriptState;
  label: string;
  /** Live: stays at the end while it grows, unless the reader has scrolled up. */
  follow?: boolean;
  empty: string;
}

/** A virtualised transcript: thousands of rows, some dozens of them in the document. */
export function Transcript({ state, label, follow = false, empty }: TranscriptProps) {
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const { items, plan } = state;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (items[index]?.type === "message" ? 120 : 44),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 8,
    paddingStart: 8,
    paddingEnd: 16,
  });
  const length = items.length;
  const { lastId } = state;
  useEffect(() => {
    if (follow && atEnd.current && length > 0 && lastId > 0) rows.scrollToIndex(length - 1, { align: "end" });
  }, [follow, length, lastId, rows]);

  return (
    <section
      ref={box}
      className={classes.box}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const node = event.currentTarget;
        atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 60;
      }}
    >
      {plan.length > 0 && <PlanList entries={plan} />}
      {items.length === 0 ? (
        <p className={classes.empty}>{empty}</p>
      ) : (
        <div className={classes.rows} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const item = items[row.index];
            return item ? (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className={classes.row}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <TranscriptRow item={item} />
              </div>
            ) : null;
          })}
        </div>
      )}
    </section>
  );
}
