const LETTERS: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/**
 * A name out of git's C quotes, in the form the API gives paths: the name itself when it is valid UTF-8 without control
 * characters and does not begin with a quote; else as git quoted it, in octal.
 */
export function unquoteName(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  const bytes: number[] = [];
  const body = text.slice(1, -1);
  for (let at = 0; at < body.length; at++) {
    const char = body[at] ?? "";
    if (char !== "\\") {
      bytes.push(...new TextEncoder().encode(String.fromCodePoint(body.codePointAt(at) ?? 0)));
      if ((body.codePointAt(at) ?? 0) > 0xffff) at += 1;
      continue;
    }
    const octal = /^[0-7]{3}/.exec(body.slice(at + 1, at + 4))?.[0];
    if (octal) {
      bytes.push(Number.parseInt(octal, 8));
      at += 3;
    } else {
      bytes.push(LETTERS[body[at + 1] ?? ""] ?? 63);
      at += 1;
    }
  }
  const prefix = bytes[1] === 47 && (bytes[0] === 97 || bytes[0] === 98) ? String.fromCharCode(bytes[0], 47) : "";
  const name = bytes.slice(prefix.length);
  try {
    const plain = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(name));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names with control characters are what this is about
    if (!/[\u0000-\u001f\u007f]/.test(plain) && !plain.startsWith('"')) return prefix + plain;
  } catch {
    // Not UTF-8: quoted again below.
  }
  return prefix + quoteName(name);
}

function quoteName(bytes: readonly number[]): string {
  const letters = new Map(Object.entries(LETTERS).map(([letter, code]) => [code, `\\${letter}`]));
  const text = bytes.map(
    (byte) =>
      letters.get(byte) ??
      (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`),
  );
  return `"${text.join("")}"`;
}
