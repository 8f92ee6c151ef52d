import type { Mark } from "../../../api/types";
import { type Citation, findCitations } from "./citation";

/** A piece of a text: plain, a citation, or words that the checker marked. Pure. */
export interface Piece {
  text: string;
  start: number;
  citation: Citation | null;
  marked: boolean;
}

/** Cuts a text where citations and marks begin and end. Marks that no longer fit the text are left out. */
export function pieces(text: string, marks: readonly Mark[] = []): Piece[] {
  const marked = joined(fitting(text, marks));
  const cited = findCitations(text);
  const cuts = new Set([0, text.length]);
  for (const [start, end] of [...marked, ...cited.map((one) => [one.start, one.end] as const)]) {
    cuts.add(start);
    cuts.add(end);
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const found: Piece[] = [];
  // All stand in order: of thousands, each is looked at once.
  let next = 0;
  let mark = 0;
  for (const [index, start] of sorted.entries()) {
    const end = sorted[index + 1];
    if (end === undefined) break;
    while ((cited[next]?.end ?? end) < end) next += 1;
    const here = cited[next];
    const citation = here && here.start <= start && end <= here.end ? here : undefined;
    // A citation is one piece, also when a mark ends within it.
    if (citation && citation.start < start) continue;
    const to = citation ? citation.end : end;
    while ((marked[mark]?.[1] ?? end) <= start) mark += 1;
    found.push({
      text: text.slice(start, to),
      start,
      citation: citation?.citation ?? null,
      marked: (marked[mark]?.[0] ?? to) < to,
    });
  }
  return found;
}

/** Ranges in order, those that overlap as one. */
function joined(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}

/** Marks as UTF-16 places in the text as it is now. Words that have moved are looked for; changed ones are dropped. */
export function fitting(text: string, marks: readonly Mark[]): (readonly [number, number])[] {
  const points = Array.from(text);
  const places: number[] = [0];
  for (const point of points) places.push((places.at(-1) ?? 0) + point.length);
  return marks.flatMap((mark) => {
    const start = places[mark.start];
    const end = places[mark.end];
    if (start !== undefined && end !== undefined && text.slice(start, end) === mark.words)
      return [[start, end] as const];
    const at = text.indexOf(mark.words);
    return at === -1 || mark.words === "" ? [] : [[at, at + mark.words.length] as const];
  });
}
