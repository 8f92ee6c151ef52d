import type { Side } from "../../api/types";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Another one with each use of a link: the same place is gone to again when its link is pressed again. */
    jump?: number;
  }
}

let jumps = 0;

/** What a link to a place within a page leaves in the history. */
export function jumped(): { jump: number } {
  jumps += 1;
  return { jump: jumps };
}

export type LinkedMode = "pair" | Side | "between";

/** Where a link into the changes leads: a file, and lines of it on one side. */
export interface ChangesTarget {
  comparison: string;
  turn?: number;
  path: string;
  /** The side whose file is meant. */
  side: Side;
  /** Whether `line` counts in the side's result ("new", the default) or in what it started from ("old"). */
  which?: "old" | "new";
  line?: number;
  /** Last line of a range. */
  to?: number;
  /** How to show it; as the page likes best when left out. */
  mode?: LinkedMode;
}

/** The part of a comparison's address that names a place in its changes. */
export interface ChangesSearch {
  mode?: LinkedMode;
  file?: string;
  side?: Side;
  which?: "old" | "new";
  line?: number;
  to?: number;
  /** In the view of whole files: the point whose files are meant. */
  at?: "base" | "start" | Side;
}

/**
 * The one way to link to a place in the changes: `<Link {...changesLink(target)}>` or `navigate(changesLink(target))`.
 * The page scrolls to the line and highlights it.
 */
export function changesLink(target: ChangesTarget) {
  const { comparison, turn, path, side, which, line, to, mode } = target;
  return {
    to: "/comparisons/$id" as const,
    params: { id: comparison },
    state: jumped,
    search: {
      ...(turn === undefined ? {} : { turn }),
      view: "changes",
      ...(mode === undefined ? {} : { mode }),
      file: path,
      side,
      ...(which === "old" ? { which } : {}),
      ...(line === undefined ? {} : { line }),
      ...(to === undefined || to === line ? {} : { to }),
    },
  };
}

/** A link to a whole file at a point of a turn, with the same care for lines. */
export function fileLink(target: {
  comparison: string;
  turn?: number;
  at: "base" | "start" | Side;
  path: string;
  line?: number;
  to?: number;
}) {
  const { comparison, turn, at, path, line, to } = target;
  return {
    to: "/comparisons/$id" as const,
    params: { id: comparison },
    search: {
      ...(turn === undefined ? {} : { turn }),
      view: "files",
      at,
      file: path,
      ...(line === undefined ? {} : { line }),
      ...(to === undefined || to === line ? {} : { to }),
    },
  };
}

const MODES: readonly string[] = ["pair", "A", "B", "between"];

/** Reads what stands in an address, typed by whomever: what makes no sense is left out. */
/** The address of another turn: its files are others, so the place in this one is left behind. Null: the latest turn. */
export function atTurn<Search extends ChangesSearch & { turn?: number; step?: number }>(
  { turn: _turn, step: _step, file: _file, at: _at, side: _side, which: _which, line: _line, to: _to, ...kept }: Search,
  turn: number | null,
) {
  return turn === null ? kept : { ...kept, turn };
}

export function readChangesSearch(search: Record<string, unknown>): ChangesSearch {
  const { mode, file, side, which, at } = search;
  const line = lineNumber(search.line);
  const to = lineNumber(search.to);
  return {
    ...(typeof mode === "string" && MODES.includes(mode) ? { mode: mode as LinkedMode } : {}),
    // The router reads a file called "2024" as a number.
    ...(typeof file === "string" || typeof file === "number" || typeof file === "boolean"
      ? { file: String(file) }
      : {}),
    ...(at === "base" || at === "start" || at === "A" || at === "B" ? { at } : {}),
    ...(side === "A" || side === "B" ? { side } : {}),
    ...(which === "old" || which === "new" ? { which } : {}),
    ...(line === undefined ? {} : { line }),
    ...(line !== undefined && to !== undefined && to > line ? { to } : {}),
  };
}

function lineNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
