/** How many of five squares stand for added and for removed lines. What there is has one at least; small changes leave some grey. */
export function barParts(additions: number, deletions: number): { added: number; removed: number } {
  const total = additions + deletions;
  if (total === 0) return { added: 0, removed: 0 };
  const squares = Math.min(5, total);
  const share = Math.round((additions / total) * squares);
  const least = additions > 0 ? 1 : 0;
  const most = deletions > 0 && squares > 1 ? squares - 1 : squares;
  const added = Math.min(Math.max(share, least), deletions > 0 ? most : squares);
  return { added, removed: squares - added };
}
