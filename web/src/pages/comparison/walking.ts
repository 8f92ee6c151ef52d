import { type DiffRow, type LineRange, pointOf, rowAt } from "../../components/diff";

/** Steps through the lines and changes of one pane's files. Pure. */
export interface WalkFile {
  path: string;
  rows: () => readonly DiffRow[];
}

export type Step = 1 | -1;

/** The next block of changes after (or before) where the reader is; null at the end. */
export function nextChange(files: readonly WalkFile[], at: LineRange | null, step: Step): LineRange | null {
  return walk(files, at, step, (file, from) => {
    const rows = file.rows();
    // From within a block, the next one has another number.
    const here = from === null ? null : (rows[from]?.change ?? null);
    const start = from ?? (step === 1 ? -1 : rows.length);
    for (let i = start + step; i >= 0 && i < rows.length; i += step) {
      const change = rows[i]?.change ?? null;
      if (change !== null && change !== here) return blockAt(file, rows, change, i);
    }
    return null;
  });
}

/** The next line, across files. */
export function nextLine(files: readonly WalkFile[], at: LineRange | null, step: Step): LineRange | null {
  return walk(files, at, step, (file, from) => {
    const rows = file.rows();
    const row = rows[(from ?? (step === 1 ? -1 : rows.length)) + step];
    if (!row) return null;
    const { which, line } = pointOf(row);
    return { path: file.path, which, from: line, to: line };
  });
}

/** One line more at the end (or the start) of a selection; stays within the file and the side. */
export function extended(file: WalkFile, at: LineRange, step: Step): LineRange {
  const rows = file.rows();
  const edge = rowAt(rows, at.which, step === 1 ? at.to : at.from);
  for (let i = edge + step; edge !== -1 && i >= 0 && i < rows.length; i += step) {
    const line = rows[i]?.[at.which] ?? null;
    if (line !== null) return step === 1 ? { ...at, to: line } : { ...at, from: line };
  }
  return at;
}

function blockAt(file: WalkFile, rows: readonly DiffRow[], change: number, near: number): LineRange {
  let first = near;
  let last = near;
  while (rows[first - 1]?.change === change) first -= 1;
  while (rows[last + 1]?.change === change) last += 1;
  const block = rows.slice(first, last + 1);
  const added = block.flatMap((row) => row.new ?? []);
  const which = added.length > 0 ? "new" : "old";
  const lines = added.length > 0 ? added : block.flatMap((row) => row.old ?? []);
  return { path: file.path, which, from: lines[0] ?? 0, to: lines.at(-1) ?? 0 };
}

function walk(
  files: readonly WalkFile[],
  at: LineRange | null,
  step: Step,
  within: (file: WalkFile, from: number | null) => LineRange | null,
): LineRange | null {
  const known = at ? files.findIndex((file) => file.path === at.path) : -1;
  const start = known !== -1 ? known : step === 1 ? 0 : files.length - 1;
  for (let i = start; i >= 0 && i < files.length; i += step) {
    const file = files[i] as WalkFile;
    const from = i === known && at && at.from > 0 ? rowAt(file.rows(), at.which, step === 1 ? at.to : at.from) : -1;
    const found = within(file, from === -1 ? null : from);
    if (found) return found;
  }
  return null;
}
