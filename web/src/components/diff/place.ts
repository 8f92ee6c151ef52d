/** The last item whose top is at or above `scrollTop`. Tops grow with the index, so this halves its way there. */
export function topItem(
  ids: readonly string[],
  scrollTop: number,
  topOf: (id: string) => number | undefined,
): { id: string; offset: number } | null {
  let low = 0;
  let high = ids.length - 1;
  let found: { id: string; offset: number } | null = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const id = ids[middle];
    const top = id === undefined ? undefined : topOf(id);
    if (id === undefined || top === undefined) return found;
    if (top <= scrollTop) {
      found = { id, offset: scrollTop - top };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}
