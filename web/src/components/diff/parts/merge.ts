import type { ThemedToken } from "./tokens";

/** Neighbours of one colour as one piece: a browser lays out every piece, and half of them look like the one before. */
export function mergeAlike(line: ThemedToken[]): ThemedToken[] {
  const merged: ThemedToken[] = [];
  for (const token of line) {
    const last = merged.at(-1);
    // What is blank has no colour of its own.
    if (
      last &&
      (last.fontStyle ?? 0) === (token.fontStyle ?? 0) &&
      (last.color === token.color || !token.content.trim())
    )
      last.content += token.content;
    else merged.push({ ...token });
  }
  return merged;
}
