import type { FacetFound } from "../../../../api/dataset-rows";
import { axisNamed, categoryOf, named } from "../row/row-words";

/** Names and values of facets, for people. Pure. */

const AXIS = "axis:";
const NAMES: Record<string, string> = {
  split: "Split",
  label: "Judgement",
  strength: "Strength",
  agreement: "Agreement",
  category: "Category",
  language: "Language of changed files",
  licence: "Licence",
  repository: "Repository",
  turn: "Turn",
};
const LABELS: Record<string, string> = {
  A: "A is better",
  B: "B is better",
  equal: "Equal",
  both_bad: "Both bad",
  split: "People disagree",
};
const STRENGTHS: Record<string, string> = {
  0: "No preference",
  1: "1, slightly better",
  2: "2, better",
  3: "3, much better",
};

export function facetName(name: string): string {
  return name.startsWith(AXIS) ? axisNamed(name.slice(AXIS.length)) : (NAMES[name] ?? named(name));
}

export function valueName(facet: string, value: string): string {
  if (facet === "label" || facet.startsWith(AXIS)) return LABELS[value] ?? named(value);
  if (facet === "strength") return STRENGTHS[value] ?? value;
  if (facet === "category") return categoryOf(value);
  if (facet === "repository") return value.replace(/^https?:\/\//, "");
  if (facet === "agreement" || facet === "split") return named(value);
  return facet === "turn" ? `Turn ${value}` : value;
}

/** Values in an order that no choice changes: numbers as they count, others by how many rows of all have them. */
export function inOrder({ name, values }: FacetFound): FacetFound["values"] {
  const numbers = name === "strength" || name === "turn";
  return [...values].sort((a, b) => (numbers ? Number(a.value) - Number(b.value) : b.total - a.total));
}

/** What an address says of a value of a facet. */
export function choiceOf(facet: string, value: string): string {
  return `${facet}=${value}`;
}

export function partsOf(choice: string): { facet: string; value: string } {
  const at = choice.indexOf("=");
  return { facet: choice.slice(0, at), value: choice.slice(at + 1) };
}

/** With the choice, or without it where it was made before. */
export function toggled(where: readonly string[], choice: string): string[] {
  return where.includes(choice) ? where.filter((one) => one !== choice) : [...where, choice];
}
