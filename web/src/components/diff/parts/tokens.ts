/** As far as the viewer's highlighter and ours agree on them. */
export interface ThemedToken {
  content: string;
  offset: number;
  color?: string;
  fontStyle?: number;
}

export interface CodeToTokensOptions {
  lang: string;
  theme?: unknown;
}

export interface Tokens {
  tokens: ThemedToken[][];
}
