import type { RatingAnswers, Rubric } from "../../api/types";
import { pointWords } from "./scale";

/** How two versions of a rating differ, and how to put them together. Pure. */

export interface Difference {
  /** A field of the answers, or `axes.security`; the overall score goes with its verdict. */
  field: string;
  label: string;
  mine: string;
  theirs: string;
  /** Both can stand, one after the other. */
  text: boolean;
}

export type Choice = "mine" | "theirs" | "both";

const TEXTS = [
  ["strengths_a", "Strengths of A"],
  ["weaknesses_a", "Weaknesses of A"],
  ["strengths_b", "Strengths of B"],
  ["weaknesses_b", "Weaknesses of B"],
  ["justification", "Why"],
] as const;

export function differences(rubric: Rubric, mine: RatingAnswers, theirs: RatingAnswers): Difference[] {
  const found: Difference[] = [];
  const add = (field: string, label: string, a: string, b: string, text: boolean) => {
    if (a !== b) found.push({ field, label, mine: a, theirs: b, text });
  };
  for (const axis of rubric.axes) {
    add(`axes.${axis.name}`, axis.label, words(mine.axes[axis.name]), words(theirs.axes[axis.name]), false);
  }
  add("overall", "Overall", overall(mine), overall(theirs), false);
  add("key_axis", "What decided it", axisLabel(rubric, mine.key_axis), axisLabel(rubric, theirs.key_axis), false);
  for (const [field, label] of TEXTS) add(field, label, mine[field], theirs[field], true);
  return found;
}

export function merged(mine: RatingAnswers, theirs: RatingAnswers, choices: Record<string, Choice>): RatingAnswers {
  const result: RatingAnswers = { ...mine, axes: { ...mine.axes } };
  for (const [field, choice] of Object.entries(choices)) {
    if (choice === "mine") continue;
    if (field.startsWith("axes.")) {
      const name = field.slice(5);
      result.axes[name] = theirs.axes[name] ?? null;
    } else if (field === "overall") {
      result.overall = theirs.overall;
      result.verdict = theirs.verdict;
    } else if (field === "key_axis") {
      result.key_axis = theirs.key_axis;
    } else {
      const name = TEXTS.find(([text]) => text === field)?.[0];
      if (name) result[name] = choice === "both" ? together(mine[name], theirs[name]) : theirs[name];
    }
  }
  return result;
}

function together(mine: string, theirs: string): string {
  if (mine.includes(theirs)) return mine;
  if (theirs.includes(mine)) return theirs;
  return `${mine.trimEnd()}\n${theirs.trimStart()}`;
}

function words(score: number | null | undefined): string {
  return score == null ? "not answered" : pointWords(score);
}

function overall({ verdict, overall: score }: RatingAnswers): string {
  if (verdict === "equal") return "Equal";
  if (verdict === "both_bad") return "Both bad";
  return words(verdict === null ? null : score);
}

function axisLabel(rubric: Rubric, name: string | null): string {
  return rubric.axes.find((axis) => axis.name === name)?.label ?? "not answered";
}
