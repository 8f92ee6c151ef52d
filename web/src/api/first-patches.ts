import type { Comparison, Side, Turn } from "./types";

/**
 * Which patches a comparison's page shows first, and where they are. The first script asks for them before the app's code
 * is here, and the app by the same rules: nothing here imports any code.
 */

export type At = "base" | "start" | Side;

export interface PatchRequest {
  comparison: string;
  turn: number;
  from: At;
  to: Side;
  ignoreWhitespace: boolean;
}

/** How a person likes changes shown is kept in the browser under these names. */
export const settingKey = (name: string) => `marlin-changes-${name}`;
export const IGNORE_WHITESPACE = "ignore-whitespace";

/** Both results can be read; their checks may still run. */
export function isShown(turn: Turn): boolean {
  return turn.status === "checking" || turn.status === "ready";
}

export function patchAddress({ comparison, turn, from, to, ignoreWhitespace }: PatchRequest) {
  return {
    path: `/comparisons/${comparison}/turns/${turn}/patch`,
    query: { from, to, whitespace: ignoreWhitespace ? "ignore" : undefined },
  };
}

/** What the page will show of a side first, while nothing is known of its turns. */
export function openingAddress(comparison: string, to: Side, wanted: number) {
  return {
    path: `/comparisons/${comparison}/opening/patch`,
    query: { to, turn: wanted || undefined, whitespace: ignoresWhitespace() ? "ignore" : undefined },
  };
}

/** The wanted turn; else the last, where its own contributor goes on, and the first for whoever reads from the start. */
export function openingTurn(comparison: Comparison, wanted: number | undefined): Turn | undefined {
  const { mine, turns } = comparison;
  return turns.find((entry) => entry.number === wanted) ?? (mine ? turns.at(-1) : turns[0]);
}

/** Those of the turn that is opened; none before there are results. */
export function firstPatches(comparison: Comparison, wanted: number | undefined): PatchRequest[] {
  const turn = openingTurn(comparison, wanted);
  if (!turn || !isShown(turn)) return [];
  const from = turn.number === 1 ? "base" : "start";
  const ignoreWhitespace = ignoresWhitespace();
  return (["A", "B"] as const)
    .filter((to) => turn.sides[to].commit)
    .map((to) => ({ comparison: comparison.id, turn: turn.number, from, to, ignoreWhitespace }));
}

function ignoresWhitespace(): boolean {
  try {
    return localStorage.getItem(settingKey(IGNORE_WHITESPACE)) === "true";
  } catch {
    return false; // storage is refused in some private windows
  }
}
