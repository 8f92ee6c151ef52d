import type { CodeToTokensOptions, Tokens } from "./tokens";

/**
 * What the page itself colours: nothing. Lines are shown plain at once, and the worker (`colours.ts`) sends them in
 * colour. Where it can't run they stay plain, and the page needs no WebAssembly.
 */
export function codeToTokens(code: string, _: CodeToTokensOptions): Tokens {
  let offset = 0;
  const tokens = code.split("\n").map((content) => {
    const line = content === "" ? [] : [{ content, offset }];
    offset += content.length + 1;
    return line;
  });
  return { tokens };
}

export function isSupportedLanguage(_: string): boolean {
  return false;
}

/** Of the viewer's editor, which is not used. */
export class LiveTokenizer {
  constructor() {
    throw new Error("Nothing is edited in the viewer");
  }
}
