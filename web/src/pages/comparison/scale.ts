import type { Axis, RatingAnswers, Rubric, Side, Verdict } from "../../api/types";

/** The 7-point side-by-side scale and what a complete rating is. Pure. −3 = A much better … +3 = B much better. */

export const POINTS = [-3, -2, -1, 0, 1, 2, 3] as const;
export type Point = (typeof POINTS)[number];

const WORDS: Record<Point, string> = {
  [-3]: "A is much better",
  [-2]: "A is better",
  [-1]: "A is slightly better",
  0: "Equal",
  1: "B is slightly better",
  2: "B is better",
  3: "B is much better",
};

export function pointWords(value: number): string {
  return WORDS[value as Point] ?? String(value);
}

/** The rubric's own words for a point, when it has any. */
export function anchor(axis: Axis, value: number): string | null {
  return axis.anchors[String(value)] ?? axis.anchors[`+${value}`] ?? null;
}

/** Keys "1" … "7", left to right. */
export function pointOfKey(key: string): Point | null {
  const at = Number.parseInt(key, 10);
  return /^[1-7]$/.test(key) ? (POINTS[at - 1] ?? null) : null;
}

/** The key that chooses a point. */
export function keyOfPoint(point: Point): string {
  return String(POINTS.indexOf(point) + 1);
}

export function sideOf(value: number): Side | null {
  return value < 0 ? "A" : value > 0 ? "B" : null;
}

export const EMPTY_ANSWERS: RatingAnswers = {
  axes: {},
  overall: null,
  verdict: null,
  key_axis: null,
  strengths_a: "",
  weaknesses_a: "",
  strengths_b: "",
  weaknesses_b: "",
  justification: "",
};

/** Overall and verdict always agree: a point away from the middle is a preference, the middle must be named. */
export function withOverall(answers: RatingAnswers, value: Point): RatingAnswers {
  return { ...answers, overall: value, verdict: value === 0 ? "equal" : "preference" };
}

export function withVerdict(answers: RatingAnswers, verdict: Exclude<Verdict, "preference">): RatingAnswers {
  return { ...answers, overall: 0, verdict };
}

export interface Gap {
  field: string;
  /** What the form calls it. */
  label: string;
  message: string;
}

/** What is still missing, in the order of the form. */
export function gaps(rubric: Rubric, answers: RatingAnswers): Gap[] {
  const found: Gap[] = [];
  for (const axis of rubric.axes) {
    if (answers.axes[axis.name] == null) {
      found.push({ field: `axes.${axis.name}`, label: axis.label, message: `Choose a point for ${axis.label}` });
    }
  }
  if (answers.verdict === null)
    found.push({
      field: "overall",
      label: "Overall",
      message: "Choose the better side overall, or say that they are equal or both bad",
    });
  if (rubric.requires_key_axis !== false && answers.verdict === "preference" && !answers.key_axis)
    found.push({ field: "key_axis", label: "What decided it", message: "Say which axis decided it" });
  if (rubric.requires_justification !== false && answers.justification.trim() === "") {
    found.push({ field: "justification", label: "Why", message: "Say why" });
  }
  return found;
}
