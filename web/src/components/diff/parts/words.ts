import { type Change, diffWordsWithSpace as compareWords, createTwoFilesPatch, diffChars } from "diff";

export { createTwoFilesPatch, diffChars };

/** So much of the shorter line must have stayed, else the line was rewritten: marks all over it would tell nothing. */
const LEAST_KEPT = 0.5;

/** The words in which two lines differ; none where they have too little in common. */
export function diffWordsWithSpace(before: string, after: string): Change[] {
  const changes = compare(before, after);
  const kept = changes.reduce((sum, { value, added, removed }) => (added || removed ? sum : sum + dense(value)), 0);
  const shorter = Math.min(dense(before), dense(after));
  return kept < LEAST_KEPT * shorter ? [] : changes;
}

/** Word by word only where the lines differ: most of a changed line stayed, and 10,000 of them are read at a time. */
function compare(before: string, after: string): Change[] {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start += 1;
  while (start > 0 && (splitsWord(before, start) || splitsWord(after, start))) start -= 1;
  let end = 0;
  while (end < least - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  while (end > 0 && (splitsWord(before, before.length - end) || splitsWord(after, after.length - end))) end -= 1;
  const [old, own] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const middle =
    old && own
      ? compareWords(old, own)
      : [...(old ? [part(old, false, true)] : []), ...(own ? [part(own, true, false)] : [])];
  return [
    ...(start > 0 ? [part(before.slice(0, start), false, false)] : []),
    ...middle,
    ...(end > 0 ? [part(before.slice(before.length - end), false, false)] : []),
  ];
}

function part(value: string, added: boolean, removed: boolean): Change {
  return { value, added, removed, count: 1 };
}

/** Whether the characters on both sides of a place are of one word, or of one gap. */
function splitsWord(text: string, at: number): boolean {
  const [left, right] = [text[at - 1], text[at]];
  if (left === undefined || right === undefined) return false;
  return kind(left) !== OTHER && kind(left) === kind(right);
}

const OTHER = 2;

function kind(char: string): number {
  if (/\s/.test(char)) return 0;
  // A half of a character stays with its other half, and a mark with its letter.
  return /[\p{L}\p{N}\p{M}_\ud800-\udfff]/u.test(char) ? 1 : OTHER;
}

/** How many characters are no blanks. */
function dense(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 32) count += 1;
  return count;
}
