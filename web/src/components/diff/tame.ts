/**
 * Code is shown, never obeyed: whatever would move, hide or reorder what a reader sees is replaced by a visible mark.
 *
 * Escape characters would colour, NUL would vanish, a bidirectional override would let `if (admin)` read backwards
 * (CVE-2021-42574), a tag character carries text that no eye sees, and a line of a million characters stops the page.
 */

/** Longest line shown whole. The patch itself can be downloaded. */
export const LINE_LIMIT = 20_000;
const CUT_AT = 2_000;

// C0 but tab, line feed and carriage return; DEL and C1; reordering, zero-width and invisible characters; tags.
const UNSEEN =
  "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}";
// A carriage return is one of them too, unless it ends a line.
const HAS_UNSEEN = new RegExp(`[${UNSEEN}]|\\r(?!\\n)`, "u");
const EACH_UNSEEN = new RegExp(`[${UNSEEN}]|\\r(?!\\n)`, "gu");
const HAS_REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

export interface TamedText {
  text: string;
  /** Characters that change the order in which a line is read. */
  reordering: boolean;
  /** Control, invisible or zero-width characters. */
  unseen: boolean;
  /** How many lines were cut. */
  cut: number;
  /** Bytes that are no UTF-8 came as U+FFFD. */
  undecoded: boolean;
}

/** The visible name of a character: the control picture where Unicode has one, else its number. */
export function visible(text: string): string {
  if (!HAS_UNSEEN.test(text)) return text;
  return text.replace(EACH_UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** A name of a file in one line: visible, and no line break can forge a second one. */
export function visibleName(name: string): string {
  return visible(name).replace(/[\t\n\r]/g, (char) => String.fromCodePoint(0x2400 + char.charCodeAt(0)));
}

/** Makes lines of code harmless to show. Lines stay lines: their numbers do not change. */
export function tame(text: string): TamedText {
  const unseen = HAS_UNSEEN.test(text);
  const long = cutLong(text);
  return {
    text: unseen ? visible(long.text) : long.text,
    reordering: unseen && HAS_REORDERING.test(text),
    unseen,
    cut: long.cut,
    undecoded: text.includes("\ufffd"),
  };
}

function cutLong(text: string): { text: string; cut: number } {
  if (text.length <= LINE_LIMIT) return { text, cut: 0 };
  const parts: string[] = [];
  let cut = 0;
  let kept = 0;
  let start = 0;
  while (start < text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    if (end - start > LINE_LIMIT) {
      const hidden = end - start - CUT_AT;
      parts.push(
        text.slice(kept, start + CUT_AT),
        ` … ${hidden.toLocaleString("en")} more characters, not shown (download the patch to see them)`,
      );
      kept = end;
      cut += 1;
    }
    start = end + 1;
  }
  return cut === 0 ? { text, cut } : { text: parts.join("") + text.slice(kept), cut };
}

/** How the lines of a file end, before and after. */
export type LineEndings = "lf" | "crlf" | "mixed";

/** What becomes of carriage returns: lines that all end in CRLF are shown without it, a difference is made visible. */
export function lineEndings(oldLines: readonly string[], newLines: readonly string[]): LineEndings {
  let crlf = 0;
  let lf = 0;
  for (const lines of [oldLines, newLines])
    for (const line of lines) {
      if (line.endsWith("\r\n")) crlf += 1;
      else if (line.endsWith("\n")) lf += 1;
    }
  if (crlf === 0) return "lf";
  return lf === 0 ? "crlf" : "mixed";
}

/** A whole file's text as its lines are shown in the diff. */
export function tameWhole(text: string, endings: LineEndings): string {
  const tamed = tame(text).text;
  return endings === "lf" ? tamed : tamed.replaceAll("\r\n", endings === "crlf" ? "\n" : "␍\n");
}
