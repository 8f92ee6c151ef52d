import type { Side } from "../../../api/types";
import { spelledOut } from "../../../components/text/visible";

/**
 * Citations: references from a judgement's text to a line of a result or a step of a transcript. Pure.
 *
 * The same form as `src/marlin/ratings/citations.py`, which explains it; both are held to `vectors.json`.
 */

/** Where the lines stand: in the side's result, in the base, or in what the turn began with. */
export type CitedAt = "result" | "base" | "start";

export type Citation =
  | { kind: "file"; side: Side; path: string; lines: readonly [number, number] | null; at: CitedAt }
  | { kind: "step"; side: Side; step: number };

export interface FoundCitation {
  citation: Citation;
  /** The token as it stands in the text, from `start` up to `end`. */
  token: string;
  start: number;
  end: number;
}

const INVISIBLE = "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff";
const RESERVED = new RegExp(`[%[\\]:@#${INVISIBLE}]`, "gu");
const TOKEN = new RegExp(
  `\\[([AB])#(?:step-([1-9][0-9]{0,5})|([^[\\]:@#${INVISIBLE}]{1,1500})(?::([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?)?(?:@(base|start))?)\\]`,
  "gu",
);

export function writeCitation(citation: Citation): string {
  if (citation.kind === "step") return `[${citation.side}#step-${citation.step}]`;
  let path = citation.path.replace(RESERVED, escapeCharacter);
  if (/^step-[1-9][0-9]{0,5}$/.test(path)) path = `%73${path.slice(1)}`;
  const [first, last] = citation.lines ?? [0, 0];
  const lines = citation.lines ? (first === last ? `:${first}` : `:${first}-${last}`) : "";
  return `[${citation.side}#${path}${lines}${citation.at === "result" ? "" : `@${citation.at}`}]`;
}

export function findCitations(text: string): FoundCitation[] {
  return [...text.matchAll(TOKEN)].map((match) => ({
    citation: citationOf(match),
    token: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** What a reader sees instead of the token. */
export function citationWords(citation: Citation): string {
  if (citation.kind === "step") return `${citation.side} · step ${citation.step}`;
  const [first, last] = citation.lines ?? [0, 0];
  const lines = citation.lines ? (first === last ? `:${first}` : `:${first}–${last}`) : "";
  // What turns the direction of reading is a way to make one file look like another.
  const name = spelledOut(citation.path.split("/").slice(-2).join("/"));
  return `${citation.side} · ${name}${lines}${citation.at === "result" ? "" : " (before)"}`;
}

function citationOf(match: RegExpExecArray): Citation {
  const [, side, step, path, first, last, at] = match;
  if (step) return { kind: "step", side: side as Side, step: Number(step) };
  const ends = first ? [Number(first), Number(last ?? first)] : null;
  return {
    kind: "file",
    side: side as Side,
    path: (path ?? "").replace(/(?:%[0-9A-Fa-f]{2})+/g, unescapeRun),
    lines: ends ? [Math.min(...ends), Math.max(...ends)] : null,
    at: at === "base" || at === "start" ? at : "result",
  };
}

function escapeCharacter(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}

function unescapeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}
