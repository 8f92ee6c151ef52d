import { AnsiHtml } from "fancy-ansi/react";
import { useMemo } from "react";
import classes from "./LogView.module.css";
import { LongLines } from "./LongLines";
import { tail } from "./tail";
import { terminalLines, terminalPieces } from "./terminal";
import { HiddenMark } from "./VisibleText";
import { hasHidden } from "./visible";

export interface LogViewProps {
  text: string;
  label: string;
  /** Stays at the end while the log grows, unless the reader has scrolled up. */
  follow?: boolean;
  maxHeight?: number;
  /** Long output shows its first and last lines, and the rest on demand. */
  folded?: boolean;
}

/** Characters that are worked on at once; what came before is said to be missing. */
const LIMIT = 4_000_000;

/** Terminal output with its colours; every other control in it is written out. Windowed, however long it is. */
export function LogView({ text, label, follow = false, maxHeight = 320, folded = false }: LogViewProps) {
  const shown = useMemo(() => tail(text, LIMIT), [text]);
  const lines = useMemo(() => terminalLines(shown.text), [shown.text]);
  const note =
    shown.omitted > 0 ? (
      <p className={classes.omitted}>{shown.omitted.toLocaleString()} characters before this are not shown.</p>
    ) : lines.length === 0 ? (
      <p className={classes.omitted}>No output yet.</p>
    ) : undefined;
  return (
    <LongLines
      lines={lines}
      label={label}
      draw={drawTerminalLine}
      head={folded ? 12 : Number.POSITIVE_INFINITY}
      tail={folded ? 40 : 0}
      maxHeight={maxHeight}
      follow={follow}
      note={note}
    />
  );
}

/** One line of terminal output. */
export function drawTerminalLine(line: string) {
  // Escape is one of the hidden characters: a line without any is plain text.
  if (!hasHidden(line)) return line;
  return terminalPieces(line).map((piece, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never change places
    piece.hidden ? <HiddenMark key={at} character={piece.text} /> : <AnsiHtml key={at} text={piece.text} />,
  );
}
