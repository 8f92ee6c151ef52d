import { useMemo } from "react";
import classes from "./PlainPatch.module.css";

/** The patch as git wrote it: for screen readers, for the browser's own search, and for what the parser can't read. */
export function PlainPatch({ parts, label }: { parts: readonly string[]; label: string }) {
  const text = useMemo(() => parts.join(""), [parts]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.box} aria-label={label} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
