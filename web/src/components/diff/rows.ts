import type { FileDiffMetadata } from "@pierre/diffs";

/** A line as the reader sees it in unified view. */
export interface DiffRow {
  kind: "context" | "added" | "removed";
  old: number | null;
  new: number | null;
  text: string;
  /** Number of the block of changes it belongs to, from 0; null for context. */
  change: number | null;
}

/** Lines of one file. `old` counts lines before the change, `new` after it. */
export interface LineRange {
  path: string;
  which: "old" | "new";
  from: number;
  to: number;
}

export interface ChangeBlock {
  which: "old" | "new";
  from: number;
  to: number;
}

const cache = new WeakMap<FileDiffMetadata, { partial: boolean; rows: DiffRow[] }>();

/** The lines that the diff itself holds, in order; the unchanged ones between hunks are not among them. */
export function rowsOf(diff: FileDiffMetadata): DiffRow[] {
  const known = cache.get(diff);
  if (known && known.partial === diff.isPartial) return known.rows;
  const rows: DiffRow[] = [];
  let change = -1;
  for (const hunk of diff.hunks) {
    const newShift = hunk.additionStart - hunk.additionLineIndex;
    const oldShift = hunk.deletionStart - hunk.deletionLineIndex;
    for (const part of hunk.hunkContent) {
      const newAt = part.additionLineIndex;
      const oldAt = part.deletionLineIndex;
      if (part.type === "context") {
        for (let i = 0; i < part.lines; i++)
          rows.push({
            kind: "context",
            old: oldAt + i + oldShift,
            new: newAt + i + newShift,
            text: diff.additionLines[newAt + i] ?? "",
            change: null,
          });
        continue;
      }
      change += 1;
      for (let i = 0; i < part.deletions; i++)
        rows.push({
          kind: "removed",
          old: oldAt + i + oldShift,
          new: null,
          text: diff.deletionLines[oldAt + i] ?? "",
          change,
        });
      for (let i = 0; i < part.additions; i++)
        rows.push({
          kind: "added",
          old: null,
          new: newAt + i + newShift,
          text: diff.additionLines[newAt + i] ?? "",
          change,
        });
    }
  }
  cache.set(diff, { partial: diff.isPartial, rows });
  return rows;
}

/** The blocks of changed lines of a file, each as the range a reader jumps to: what was added, else what was removed. */
export function changesOf(diff: FileDiffMetadata): ChangeBlock[] {
  const blocks: ChangeBlock[] = [];
  for (const hunk of diff.hunks) {
    const newShift = hunk.additionStart - hunk.additionLineIndex;
    const oldShift = hunk.deletionStart - hunk.deletionLineIndex;
    for (const part of hunk.hunkContent) {
      if (part.type === "context") continue;
      if (part.additions > 0) {
        const from = part.additionLineIndex + newShift;
        blocks.push({ which: "new", from, to: from + part.additions - 1 });
      } else {
        const from = part.deletionLineIndex + oldShift;
        blocks.push({ which: "old", from, to: from + part.deletions - 1 });
      }
    }
  }
  return blocks;
}

/** Where a line stands among the rows; -1 when it is none of them. */
export function rowAt(rows: readonly DiffRow[], which: "old" | "new", line: number): number {
  return rows.findIndex((row) => row[which] === line);
}

/** The point of a row that names it: a removed line by its old number, any other by its new one. */
export function pointOf(row: DiffRow): { which: "old" | "new"; line: number } {
  return row.new === null ? { which: "old", line: row.old ?? 0 } : { which: "new", line: row.new };
}

/**
 * One range from two ends that a pointer went over. Ends on different sides become the lines of the last end's side
 * that lie between them, because a comment is about lines of one file.
 */
export function rangeBetween(
  rows: readonly DiffRow[],
  path: string,
  a: { which: "old" | "new"; line: number },
  b: { which: "old" | "new"; line: number },
): LineRange {
  if (a.which === b.which)
    return { path, which: a.which, from: Math.min(a.line, b.line), to: Math.max(a.line, b.line) };
  const [one, other] = [rowAt(rows, a.which, a.line), rowAt(rows, b.which, b.line)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  const lines = rows.slice(Math.max(one, 0), other + 1).flatMap((row) => row[b.which] ?? []);
  const only = lines.length > 0 ? lines : [b.line];
  return { path, which: b.which, from: Math.min(...only), to: Math.max(...only) };
}

/** A range drawn out to a line, from whichever of its ends is the further one: what Shift and a click do. */
export function drawnTo(
  rows: readonly DiffRow[],
  range: LineRange,
  to: { which: "old" | "new"; line: number },
): LineRange {
  const below = range.which !== to.which || to.line >= range.from;
  return rangeBetween(rows, range.path, { which: range.which, line: below ? range.from : range.to }, to);
}

/** The text of lines, as shown. Lines that neither the diff nor what was opened around it holds are left out. */
export function textOf(diff: FileDiffMetadata, { which, from, to }: LineRange): string {
  if (!diff.isPartial) {
    const lines = which === "new" ? diff.additionLines : diff.deletionLines;
    return lines
      .slice(from - 1, to)
      .map((line) => line.replace(/\n$/, ""))
      .join("\n");
  }
  const within = (line: number | null) => line !== null && line >= from && line <= to;
  return rowsOf(diff)
    .filter((row) => within(row[which]))
    .map((row) => row.text.replace(/\n$/, ""))
    .join("\n");
}
