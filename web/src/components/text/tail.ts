/** The last `limit` characters, cut at a line's start where one is near, and how many came before. */
export function tail(text: string, limit: number): { text: string; omitted: number } {
  if (text.length <= limit) return { text, omitted: 0 };
  let start = text.length - limit;
  const newline = text.indexOf("\n", start);
  if (newline !== -1 && newline - start < 2000) start = newline + 1;
  return { text: text.slice(start), omitted: start };
}
