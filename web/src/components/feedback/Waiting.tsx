import type { CSSProperties, ReactNode } from "react";
import classes from "./Waiting.module.css";

/**
 * Holds the place of what is on its way, in its layout, so that nothing jumps when it comes.
 *
 * The place is kept from the start. It is seen only when the wait is long enough to be noticed, and says in words that it
 * goes on when it is long enough to be doubted. `title`: the heading of the whole page that waits.
 */
export function Waiting({ label, title, children }: { label: string; title?: string; children: ReactNode }) {
  const place = (
    <div role="status" aria-label={label} aria-busy className={classes.waiting}>
      <div aria-hidden className={classes.shape}>
        {children}
      </div>
      <div className={classes.words}>
        <span>{label}. This takes longer than usual…</span>
      </div>
    </div>
  );
  if (!title) return place;
  return (
    <>
      <h1 className="visually-hidden">{title}</h1>
      {place}
    </>
  );
}

/** A line of text that is not there yet. */
export function Bar({ width, height = 10, style }: { width: string; height?: number; style?: CSSProperties }) {
  return <span className={classes.bar} style={{ width, height, ...style }} />;
}
