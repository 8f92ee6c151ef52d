import { withoutColours } from "./terminal";

/** Finding places in a log. Pure. */

/** Lines, from 0, that hold the words, whatever their case. */
export function matchingLines(lines: readonly string[], words: string): number[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return [];
  const found: number[] = [];
  lines.forEach((line, at) => {
    if (withoutColours(line).toLowerCase().includes(wanted)) found.push(at);
  });
  return found;
}

const FAILURE =
  /^_{3,} .+ _{3,}$|^(?:FAIL|FAILED|ERROR)[: ]|^ FAIL |^\s*--- FAIL|^---- .+ stdout ----|^\s*● |^\s*[✖✕×] |^\s*not ok\b|^E {3}|^Traceback \(most recent call last\)|^error(?:\[|:)|panicked at |^\S+:\d+(?::\d+)?: (?:fatal )?error:/;

/** Lines, from 0, where a failure is told by one of the common tools; of a block of such lines the first. */
export function failureLines(lines: readonly string[]): number[] {
  const found: number[] = [];
  let last = -2;
  lines.forEach((line, at) => {
    if (!FAILURE.test(withoutColours(line))) return;
    if (at > last + 1) found.push(at);
    last = at;
  });
  return found;
}

/** The next place after (or before) a line, round the end. */
export function stepTo(places: readonly number[], from: number, direction: 1 | -1): number | undefined {
  if (direction === 1) return places.find((place) => place > from) ?? places[0];
  return places.findLast((place) => place < from) ?? places.at(-1);
}
