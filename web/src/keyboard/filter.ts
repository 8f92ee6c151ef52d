/** Entries whose text holds every word, those that begin with the first one before the others. Pure. */
export function filterByWords<T>(entries: readonly T[], words: string, textOf: (entry: T) => string): T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = wanted;
  if (first === undefined) return [...entries];
  const found = entries
    .map((entry) => ({ entry, text: textOf(entry).toLowerCase() }))
    .filter(({ text }) => wanted.every((word) => text.includes(word)));
  const begins = (text: string) => (text.startsWith(first) || text.includes(` ${first}`) ? 0 : 1);
  return found.sort((one, other) => begins(one.text) - begins(other.text)).map(({ entry }) => entry);
}
