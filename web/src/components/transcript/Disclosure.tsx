import type { ReactNode } from "react";
import classes from "./Transcript.module.css";

/** The line that opens and closes what is below it. Its state lives outside: a row that scrolls away forgets its own. */
export function Disclosure({ open, onToggle, children }: { open: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button type="button" className={classes.disclosure} aria-expanded={open} onClick={onToggle}>
      <span className={classes.chevron} aria-hidden>
        ›
      </span>
      {children}
    </button>
  );
}
