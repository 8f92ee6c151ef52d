import { codeToTokens as colour, isSupportedLanguage, LiveTokenizer } from "@pierre/highlights";
import { mergeAlike } from "./merge";
import type { CodeToTokensOptions, Tokens } from "./tokens";

export { isSupportedLanguage, LiveTokenizer };

/** Colours code, in the worker. */
export function codeToTokens(code: string, options: CodeToTokensOptions): Tokens {
  const result = colour(code, options as Parameters<typeof colour>[1]) as Tokens;
  return { ...result, tokens: result.tokens.map(mergeAlike) };
}
