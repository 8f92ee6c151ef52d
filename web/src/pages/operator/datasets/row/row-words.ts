import type { Row, RowRating, RowSide } from "../../../../api/dataset-rows";
import type { Outcome, Side } from "../../../../api/types";
import { CATEGORY, OUTCOME } from "../../../../components/feedback/status";
import { counted } from "../../../../components/text/counted";
import type { Citation } from "../../../comparison/evidence/citation";
import { pointWords } from "../../../comparison/scale";

/** What a row says, in words. Pure. */

export type Standing = "chosen" | "rejected" | "neither";

/** What became of a side: chosen or rejected where one was preferred, and in which words. */
export function standingOf(row: Pick<Row, "agg" | "pairs">, side: Side): { standing: Standing; words: string } {
  const { label } = row.agg;
  if (label !== "A" && label !== "B") {
    const words = label === "equal" ? "Equal" : label === "both_bad" ? "Both bad" : "Undecided";
    return { standing: "neither", words };
  }
  const better = label === side;
  // What no pairwise view has is preferred all the same, but nothing is trained to choose it.
  if (!row.pairs) return { standing: "neither", words: better ? "Preferred" : "Not preferred" };
  return better ? { standing: "chosen", words: "Chosen" } : { standing: "rejected", words: "Rejected" };
}

/** The judgement of all: "B is much better". */
export function verdictOf({ label, strength }: Pick<Row["agg"], "label" | "strength">): string {
  if (label === "A") return pointWords(-strength);
  if (label === "B") return pointWords(strength);
  return label === "equal" ? "Equal" : label === "both_bad" ? "Both bad" : "People disagree, and nobody decided";
}

/** One person's, on the sides of the row. */
export function ratingWords({ verdict, preferred, strength }: RowRating): string {
  if (preferred === "A" || preferred === "B") return pointWords(preferred === "A" ? -strength : strength);
  return verdict === "equal" ? "Equal" : verdict === "both_bad" ? "Both bad" : "No preference";
}

/** How far people agree: "One person", "2 of 3 people say so". */
export function agreementOf({ n, agreement, method }: Row["agg"]): string {
  const said = n <= 1 ? counted(n, "person", "people") : `${Math.round(n * agreement)} of ${n} people say so`;
  return method === "label of record" ? `${said}; an operator decided` : said;
}

/** A score of an axis: in words where it is a point of the scale, with its mean where several people differ. */
export function axisWords(score: number): string {
  const point = Math.sign(score) * Math.min(3, Math.round(Math.abs(score)));
  const words = point === 0 && score !== 0 ? `Slightly for ${score < 0 ? "A" : "B"}` : pointWords(point + 0);
  return Number.isInteger(score)
    ? words
    : `${words} (mean ${Math.abs(score).toLocaleString("en", { maximumFractionDigits: 2 })} of 3)`;
}

/** A name of the format, for people: "bug_fix" is "Bug fix". */
export function named(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The facet of who won on an axis. */
export function axisNamed(name: string): string {
  return `${named(name)}: better side`;
}

export function categoryOf(name: string): string {
  return (CATEGORY as Record<string, string>)[name] ?? named(name);
}

/** Why a row is not in all views; null where it is. */
export function leftOutOf(row: Pick<Row, "pairs" | "pairs_refused" | "trajectory" | "trajectory_refused">) {
  if (!row.pairs) return `Not in pairwise views: ${row.pairs_refused ?? "no reason is told"}.`;
  if (!row.trajectory) return `In patch views only: ${row.trajectory_refused ?? "no reason is told"}.`;
  return null;
}

/** What became of a side's checks, the worst first; how its work ended, where that was no end. */
export function checksOf({ outcome, newly_failing, checks }: Pick<RowSide, "outcome" | "newly_failing" | "checks">): {
  words: string;
  tone?: "bad" | "good";
} {
  if (outcome && outcome !== "completed") return { words: OUTCOME[outcome as Outcome] ?? outcome, tone: "bad" };
  if (newly_failing > 0) return { words: `${counted(newly_failing, "check")} newly failing`, tone: "bad" };
  const passing = checks.filter((check) => check.against_base === "newly_passing").length;
  if (passing > 0) return { words: `${counted(passing, "check")} newly passing`, tone: "good" };
  const failing = checks.filter((check) => FAILED.has(check.status)).length;
  if (failing > 0) return { words: `${counted(failing, "check")} failing, as on the base` };
  return { words: checks.length === 0 ? "no checks" : "no check failing" };
}
const FAILED = new Set(["failed", "error", "timed_out"]);

/** The images that a row's sandboxes had, and what ran them; a name alone tells nothing beside itself with its hash. */
export function imagesOf({ image, a, b }: Pick<Row, "image" | "a" | "b">): string {
  const named = [...new Set([image, a.base_image, b.base_image].filter((one) => one !== null))];
  const images = named.filter((one) => !named.some((other) => other !== one && other.startsWith(`${one} `)));
  const backends = [...new Set([a.backend, b.backend].filter((one) => one !== null))];
  return [images.join(", ") || "none is named", backends.join(", ")].filter(Boolean).join(" · ");
}

/** The beginning of a longer text, without half a word: at the end of a paragraph where one is near. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const part = text.slice(0, most);
  const paragraph = part.lastIndexOf("\n\n");
  if (paragraph > most / 2) return part.slice(0, paragraph);
  const blank = part.search(/\s\S*$/);
  return `${(blank > most / 2 ? part.slice(0, blank) : part).trimEnd()}…`;
}

/** What a person calls A is B in the row, where they saw the sides swapped. */
export function onRowSides(citation: Citation, swapped: boolean): Citation {
  return swapped ? { ...citation, side: citation.side === "A" ? "B" : "A" } : citation;
}

/** The first line of a request, as a title. */
export function titleOf(request: string): string {
  const line = request.trim().split("\n", 1)[0] ?? "";
  return line === "" ? "A request without words" : line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
