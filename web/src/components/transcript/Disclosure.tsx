import type { ReactNode } from "react";
import classes from "./Transcript.module.css";

/**
 * The line that opens and closes what is below it. Its state lives outside: a row that scrolls away forgets its own.
 * For the mouse and for screen readers; the keyboard stops at the step itself.
 */
export function Disclosure({ open, onToggle, children }: { open: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button type="button" className={classes.disclosure} tabIndex={-1} aria-expanded={open} onClick={onToggle}>
      <span className={classes.chevron} aria-hidden>
        ›
      </span>
      {children}
    </button>
  );
}
