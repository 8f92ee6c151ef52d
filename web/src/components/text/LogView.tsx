import { AnsiHtml } from "fancy-ansi/react";
import { useEffect, useRef } from "react";
import classes from "./LogView.module.css";
import { tail } from "./tail";

export interface LogViewProps {
  text: string;
  label: string;
  /** Stays at the end while the log grows, unless the reader has scrolled up. */
  follow?: boolean;
  maxHeight?: number;
}

/** Terminal output with its colours. Very long output shows its end, and says how much is left out. */
export function LogView({ text, label, follow = false, maxHeight = 320 }: LogViewProps) {
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const shown = tail(text, 200_000);
  useEffect(() => {
    const node = box.current;
    if (follow && node && atEnd.current && shown.text) node.scrollTop = node.scrollHeight;
  }, [follow, shown.text]);
  return (
    <section
      ref={box}
      className={classes.log}
      style={{ maxHeight }}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const node = event.currentTarget;
        atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
      }}
    >
      {shown.omitted > 0 && (
        <p className={classes.omitted}>{shown.omitted.toLocaleString()} characters before this are not shown.</p>
      )}
      <pre>
        {shown.text === "" ? <span className={classes.omitted}>No output yet.</span> : <AnsiHtml text={shown.text} />}
      </pre>
    </section>
  );
}
