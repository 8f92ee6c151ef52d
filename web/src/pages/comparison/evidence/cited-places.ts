import type { RatingAnswers, Side } from "../../../api/types";
import type { SideNote } from "../line-hooks";
import { type Citation, findCitations } from "./citation";

/** Where a rating's texts cite what: the way from a text to the diff, and from the diff back into the text. Pure. */

export type CitedTexts = Pick<
  RatingAnswers,
  "strengths_a" | "weaknesses_a" | "strengths_b" | "weaknesses_b" | "justification"
>;

export type CitingField = keyof CitedTexts;

/** The fields that can cite, in the order in which the form shows them. */
export const CITING_FIELDS: readonly { field: CitingField; label: string }[] = [
  { field: "strengths_a", label: "Strengths of A" },
  { field: "weaknesses_a", label: "Weaknesses of A" },
  { field: "strengths_b", label: "Strengths of B" },
  { field: "weaknesses_b", label: "Weaknesses of B" },
  { field: "justification", label: "Why" },
];

/** One citation, and where it stands: characters `start` up to `end` of a field. */
export interface CitedPlace {
  field: CitingField;
  label: string;
  start: number;
  end: number;
  citation: Citation;
}

export function citedPlaces(texts: Partial<CitedTexts>): CitedPlace[] {
  return CITING_FIELDS.flatMap(({ field, label }) =>
    findCitations(texts[field] ?? "").map(({ citation, start, end }) => ({ field, label, start, end, citation })),
  );
}

const CITED = "cited:";

export function isCitedKey(key: string): boolean {
  return key.startsWith(CITED);
}

/** The same for every citation that leads to the same lines: they share one mark. */
export function citedKey(citation: Citation): string {
  if (citation.kind === "step") return `${CITED}${citation.side}#step-${citation.step}`;
  const { side, path, lines, at } = citation;
  return CITED + JSON.stringify([side, at, path, lines]);
}

/** A mark for each cited line, range or file, once, however often it is cited. */
export function citedNotes(places: readonly CitedPlace[], turn: number): SideNote[] {
  const found = new Map<string, SideNote>();
  for (const { citation } of places) {
    if (citation.kind === "step") continue;
    const key = citedKey(citation);
    if (found.has(key)) continue;
    const { side, path, lines, at } = citation;
    const [first, last] = lines ?? [0, 0];
    const which = at === "result" ? "new" : "old";
    found.set(key, {
      ...{ key, side, path, which, line: last, about: "cited" as const },
      ...(first === last ? {} : { from: first }),
      // In the first turn the base is what it started from: both names mean the same lines.
      ...(at === "result" || turn === 1 ? {} : { before: at }),
    });
  }
  return [...found.values()];
}

export function placesUnder(places: readonly CitedPlace[], key: string): CitedPlace[] {
  return places.filter(({ citation }) => citedKey(citation) === key);
}

export function stepPlaces(places: readonly CitedPlace[], side: Side, step: number): CitedPlace[] {
  return places.filter(({ citation }) => citation.kind === "step" && citation.side === side && citation.step === step);
}

/** Texts that cite the same place twice say so once: one way there for each field, the first mention. */
export function oncePerField(places: readonly CitedPlace[]): CitedPlace[] {
  const said = new Set<CitingField>();
  return places.filter(({ field }) => !said.has(field) && said.add(field));
}
