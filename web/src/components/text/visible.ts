/**
 * Characters that other people's text may use to look like something else, made visible. Pure.
 *
 * A bidirectional override makes code read otherwise than it runs ("Trojan Source", CVE-2021-42574); control characters
 * move a terminal's cursor or ring its bell; zero-width characters and tags hide text. None of them is ever interpreted.
 */

/** C0 but tab and newline, DEL, C1, zero-width, bidirectional controls, separators, invisible operators, tags. */
const CLASS =
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]";

/** A new expression for each use: a global one remembers where it was. */
export function hiddenCharacters(): RegExp {
  return new RegExp(CLASS, "gu");
}

const ANY = new RegExp(CLASS, "u");

export function hasHidden(text: string): boolean {
  return ANY.test(text);
}

const NAMES: Record<number, string> = {
  0: "null",
  7: "bell",
  8: "backspace",
  11: "vertical tab",
  12: "form feed",
  13: "carriage return",
  27: "escape",
  127: "delete",
  173: "soft hyphen",
  1564: "Arabic letter mark",
  8203: "zero-width space",
  8206: "left-to-right mark",
  8207: "right-to-left mark",
  8232: "line separator",
  8233: "paragraph separator",
  8234: "left-to-right embedding",
  8235: "right-to-left embedding",
  8236: "end of a direction",
  8237: "left-to-right override",
  8238: "right-to-left override",
  8288: "word joiner",
  8294: "left-to-right isolate",
  8295: "right-to-left isolate",
  8296: "first strong isolate",
  8297: "end of an isolate",
  65279: "byte order mark",
};

/** "U+202E". */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** What a hidden character is, in words: "right-to-left override (U+202E)". */
export function hiddenName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `${NAMES[code] ?? "control character"} (${codePoint(character)})`;
}

const ASCII =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US";
const ABBREVIATIONS = ASCII.split(" ");

/** How a hidden character is drawn: ASCII controls by their names, others by their numbers. */
export function hiddenMark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\u27e8${ABBREVIATIONS[code] ?? (code === 127 ? "DEL" : codePoint(character))}\u27e9`;
}

/** The text with every hidden character written out, for places that take a string only. */
export function spelledOut(text: string): string {
  return ANY.test(text) ? text.replace(hiddenCharacters(), hiddenMark) : text;
}

/** Plain pieces and hidden characters, in order. */
export function pieces(text: string): { text: string; hidden: boolean }[] {
  if (!ANY.test(text)) return text === "" ? [] : [{ text, hidden: false }];
  const found: { text: string; hidden: boolean }[] = [];
  let at = 0;
  for (const match of text.matchAll(hiddenCharacters())) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), hidden: false });
    found.push({ text: match[0], hidden: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), hidden: false });
  return found;
}
