/** Marks that quote or list something, deeper than anybody writes. Each level is a call within a call when it is drawn. */
const DEEP = /^[ \t]*(?:>[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]+){20}/m;
/** What may open or close emphasis, and what begins an address: each is compared with all before it in its paragraph. */
const EMPHASIS = /[*_~]/g;
const ADDRESS = /www\.|https?:/gi;
const MOST_EMPHASIS = 1_000;
const MOST_ADDRESSES = 200;
/** Each closing bracket looks for one that opens, and each underline of a heading for the lines above it, through all before. */
const CLOSING = /\]/g;
const MOST_CLOSING = 1_000;
const UNDERLINE = /^[ \t]*(?:=+|-+)[ \t]*$/gm;
const MOST_UNDERLINES = 200;

/** Whether a text can be drawn as Markdown at once: some of 20,000 characters take ten seconds, or end in an error. */
export function isFormattable(text: string): boolean {
  if (DEEP.test(text) || count(text, UNDERLINE) > MOST_UNDERLINES) return false;
  return text.split(/\n[ \t]*\n/).every((paragraph) => {
    if (paragraph.length < MOST_EMPHASIS) return true;
    return (
      count(paragraph, EMPHASIS) <= MOST_EMPHASIS &&
      count(paragraph, ADDRESS) <= MOST_ADDRESSES &&
      count(paragraph, CLOSING) <= MOST_CLOSING
    );
  });
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}
