import { createContext, type ReactNode, useContext } from "react";
import type { Side } from "../../api/types";
import type { LineRange } from "../../components/diff";

/** Lines of one file on one side. `which`: numbers of the side's result ("new"), or of what it started from ("old"). */
export interface SideLines extends LineRange {
  side: Side;
  /** What "old" lines are lines of: the brief's base commit, or what this turn started from. */
  before: "base" | "start";
  /** The lines as they are shown, without the last line break. */
  text: string;
}

/** Something to be shown below a line of a side's diff; `line` 0 puts it at the top of the file. */
export interface SideNote {
  /** Unique and stable. */
  key: string;
  side: Side;
  path: string;
  which: "old" | "new";
  line: number;
  /** The first of several lines that it is about; `line` is the last. */
  from?: number;
  /** How its lines are marked at their numbers; left out: not at all. */
  about?: "cited" | "comment";
  /** What "old" lines are lines of, where base and start differ: a pane that shows the other one lacks it. */
  before?: "base" | "start";
}

/**
 * What others may hang on the lines of the changes. Wrap the view in `<LineHooksProvider value={…}>`.
 *
 * Lines are selected by click or drag on the line numbers, by Shift and a click, or with j, k, J and K. `c`, or the
 * button that stands beside the selection, acts on them. In the way from A to B, its old lines are A's result and its
 * new lines B's: both arrive here as `which: "new"`.
 */
export interface LineHooks {
  notes: readonly SideNote[];
  /** Rendered below its line. Scrolled away it unmounts: whatever is typed in it must live elsewhere. */
  renderNote: (note: SideNote) => ReactNode;
  onSelectLines?: (lines: SideLines | null) => void;
  /** Comment on these lines, cite them. Without it there is no button, and `c` does nothing. */
  onActOnLines?: (lines: SideLines) => void;
}

const NONE: LineHooks = { notes: [], renderNote: () => null };
const Context = createContext<LineHooks>(NONE);

export const LineHooksProvider = Context.Provider;

export function useLineHooks(): LineHooks {
  return useContext(Context);
}

export type Pane = Side | "between";

/** Whether a pane whose old lines are those of `from` holds the lines that a note is about. */
export function isAbout(note: SideNote, from: string): boolean {
  return note.before === undefined || (note.before === "base") === (from === "base");
}

/** A pane's lines as lines of a side. */
export function toSide(pane: Pane, range: LineRange): LineRange & { side: Side } {
  if (pane !== "between") return { ...range, side: pane };
  return { ...range, side: range.which === "old" ? "A" : "B", which: "new" };
}

/** Where a side's line stands in a pane; null when that pane does not hold it. */
export function toPane<T extends { side: Side; which: "old" | "new" }>(pane: Pane, lines: T): T | null {
  if (pane !== "between") return lines.side === pane ? lines : null;
  if (lines.which === "old") return null;
  return { ...lines, which: lines.side === "A" ? "old" : "new" };
}
