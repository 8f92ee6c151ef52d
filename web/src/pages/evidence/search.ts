import type { SliceWish } from "../../api/evidence-types";

/** What is looked at, in the address: a link shows a colleague the same. */

export const TABS = ["decision", "leaderboard", "agreement", "method"] as const;
export type Tab = (typeof TABS)[number];

export const COLUMNS = ["name", "votes", "overlap", "agreement", "reliability", "gold", "side"] as const;
export type Column = (typeof COLUMNS)[number];

export interface EvidenceSearch {
  tab?: Tab;
  axis?: string;
  category?: string;
  language?: string;
  agent?: string;
  turns?: "first" | "later";
  /** Scores with size, category, turn and side held equal, rather than as voted. */
  scores?: "held";
  /** A column of the contributors, with "-" for the largest first. */
  sort?: string;
  flagged?: true;
  /** The question is being amended. */
  amend?: true;
}

export function readEvidenceSearch(search: Record<string, unknown>): EvidenceSearch {
  const text = (name: "axis" | "category" | "language" | "agent" | "sort") => {
    const value = search[name];
    return typeof value === "string" && value !== "" && value.length <= 500 ? { [name]: value } : {};
  };
  const tab = TABS.find((name) => name === search.tab);
  return {
    ...(tab ? { tab } : {}),
    ...text("axis"),
    ...text("category"),
    ...text("language"),
    ...text("agent"),
    ...(search.turns === "first" || search.turns === "later" ? { turns: search.turns } : {}),
    ...(search.scores === "held" ? { scores: "held" as const } : {}),
    ...text("sort"),
    ...(search.flagged === true || search.flagged === "true" ? { flagged: true as const } : {}),
    ...(search.amend === true || search.amend === "true" ? { amend: true as const } : {}),
  };
}

export function sliceOf({ axis, category, language, agent, turns }: EvidenceSearch): SliceWish {
  return Object.fromEntries(
    Object.entries({ axis, category, language, agent, turn: turns }).filter(([, value]) => value !== undefined),
  );
}

/** How many filters narrow the votes; the axis narrows none. */
export function filterCount({ category, language, agent, turns }: EvidenceSearch): number {
  return [category, language, agent, turns].filter((value) => value !== undefined).length;
}

export function readSort(sort: string | undefined): { column: Column; down: boolean } {
  const down = sort?.startsWith("-") ?? true;
  const column = COLUMNS.find((name) => name === sort?.replace(/^-/, ""));
  return column ? { column, down } : { column: "votes", down: true };
}

/** The sort after a click on a column's head: numbers begin with the largest, names with A. */
export function nextSort(sort: string | undefined, column: Column): string {
  const now = readSort(sort);
  if (now.column === column) return now.down ? column : `-${column}`;
  return column === "name" ? column : `-${column}`;
}
