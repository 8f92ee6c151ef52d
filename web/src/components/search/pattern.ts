/** What a person searches for, and where it stands in lines. Pure, and small: the worker is made of it. */
export interface SearchWish {
  text: string;
  matchCase: boolean;
  words: boolean;
  /** Left out where only fixed text can be searched for. */
  regex?: boolean;
}

/** Where a match stands in its line. */
export interface Place {
  at: number;
  length: number;
}

/** One line does not hold more than anybody looks at. */
const MOST_IN_LINE = 1000;

/** The pattern that a wish means (global); null: nothing is searched for; a string: why the pattern is none. */
export function patternOf(wish: SearchWish): RegExp | string | null {
  if (wish.text === "") return null;
  const flags = wish.matchCase ? "gu" : "giu";
  const body = wish.regex ? wish.text : wish.text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\${char}`);
  try {
    return new RegExp(wish.words ? `(?<![\\p{L}\\p{N}_])(?:${body})(?![\\p{L}\\p{N}_])` : body, flags);
  } catch {
    return "This is no regular expression.";
  }
}

/** Where `pattern` (global) is found in a line; an empty match counts for nothing. */
export function matchesIn(text: string, pattern: RegExp): Place[] {
  const found: Place[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[0] === "") pattern.lastIndex += 1;
    else found.push({ at: match.index, length: match[0].length });
    if (found.length >= MOST_IN_LINE) break;
  }
  return found;
}
