import { type LineRange, matchesIn, type ParsedFile, rowsOf } from "../../components/diff";
import type { Pane } from "./line-hooks";

/** One place where the text that is searched for stands. */
export interface FindMatch {
  pane: Pane;
  path: string;
  which: "old" | "new";
  line: number;
  at: number;
}

/** More than anybody steps through; counting on would only make the page wait. */
export const MOST_MATCHES = 5_000;

/** Whole files beside the diff: their text by path, as it is shown. */
export type WholeFiles = ReadonlyMap<string, string>;

/** What the diffs of a pane hold, line by line; with `whole`, also the lines that the diff does not show. Pure. */
export function findIn(
  pane: Pane,
  files: readonly ParsedFile[],
  pattern: RegExp,
  whole: WholeFiles | null,
  most = MOST_MATCHES,
): FindMatch[] {
  const found: FindMatch[] = [];
  const add = (path: string, which: "old" | "new", line: number, text: string) => {
    for (const match of matchesIn(text, pattern)) {
      if (found.length >= most) return;
      found.push({ pane, path, which, line, at: match.at });
    }
  };
  for (const file of files) {
    if (found.length >= most) break;
    const rows = file.diff ? rowsOf(file.diff) : [];
    const text = whole?.get(file.path);
    if (text === undefined) {
      for (const row of rows)
        add(file.path, row.new === null ? "old" : "new", row.new ?? row.old ?? 0, trimmed(row.text));
      continue;
    }
    // In order of the new file: what was removed stands before the line that follows it.
    const removed = new Map<number, { line: number; text: string }[]>();
    let next = 1;
    for (const row of rows) {
      if (row.new !== null) next = row.new + 1;
      else removed.set(next, [...(removed.get(next) ?? []), { line: row.old ?? 0, text: row.text }]);
    }
    text.split("\n").forEach((content, index) => {
      for (const row of removed.get(index + 1) ?? []) add(file.path, "old", row.line, trimmed(row.text));
      add(file.path, "new", index + 1, content);
      removed.delete(index + 1);
    });
    for (const rest of removed.values()) for (const row of rest) add(file.path, "old", row.line, trimmed(row.text));
  }
  return found;
}

function trimmed(line: string): string {
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}

/** The matches of several panes in the order in which a reader meets them: file by file, the left pane first. */
export function inOrder(matches: readonly FindMatch[][], paths: readonly string[]): FindMatch[] {
  const place = new Map(paths.map((path, index) => [path, index]));
  return matches
    .flatMap((own, pane) => own.map((match, index) => ({ match, pane, index })))
    .sort(
      (one, other) =>
        (place.get(one.match.path) ?? 0) - (place.get(other.match.path) ?? 0) ||
        one.pane - other.pane ||
        one.index - other.index,
    )
    .map((entry) => entry.match);
}

export function rangeOf(match: FindMatch): LineRange {
  return { path: match.path, which: match.which, from: match.line, to: match.line };
}
