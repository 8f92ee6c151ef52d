import { type LineRange, type ParsedFile, rowsOf } from "../../components/diff";
import type { Place } from "../../components/search/pattern";
import type { Pane } from "./line-hooks";

/** One place where the text that is searched for stands. */
export interface FindMatch {
  pane: Pane;
  path: string;
  which: "old" | "new";
  line: number;
  at: number;
}

/** More than anybody steps through; counting on would only make the reader wait. */
export const MOST_MATCHES = 5_000;

/** A line that is searched. */
export interface FindLine {
  which: "old" | "new";
  line: number;
  text: string;
}

/** Some lines of a pane's file: as much as a pattern gets at a time. */
export interface FindPart {
  pane: Pane;
  path: string;
  lines: readonly FindLine[];
}

const MOST_LINES = 2_000;
const MOST_CHARACTERS = 200_000;

/** What the diff of a file holds, line by line; with the whole file's text also the lines that it does not show. Pure. */
export function linesOf(file: ParsedFile, text: string | undefined): FindLine[] {
  const rows = file.diff ? rowsOf(file.diff) : [];
  if (text === undefined) {
    return rows.map((row) => ({
      which: row.new === null ? "old" : "new",
      line: row.new ?? row.old ?? 0,
      text: trimmed(row.text),
    }));
  }
  // In order of the new file: what was removed stands before the line that follows it.
  const removed = new Map<number, FindLine[]>();
  let next = 1;
  for (const row of rows) {
    if (row.new !== null) next = row.new + 1;
    else {
      const line = { which: "old" as const, line: row.old ?? 0, text: trimmed(row.text) };
      const known = removed.get(next);
      // Into the list, not by a new one: a file of which everything was removed has 100,000 in a row.
      if (known) known.push(line);
      else removed.set(next, [line]);
    }
  }
  const lines: FindLine[] = [];
  text.split("\n").forEach((content, index) => {
    // One by one: as arguments of one call, so many exceed the stack.
    for (const line of removed.get(index + 1) ?? []) lines.push(line);
    lines.push({ which: "new", line: index + 1, text: content });
    removed.delete(index + 1);
  });
  return [...lines, ...[...removed.values()].flat()];
}

/** The lines of a file in parts. Pure. */
export function partsOf(pane: Pane, path: string, lines: readonly FindLine[]): FindPart[] {
  const parts: FindPart[] = [];
  let start = 0;
  let characters = 0;
  lines.forEach((line, at) => {
    characters += line.text.length;
    if (at + 1 - start < MOST_LINES && characters < MOST_CHARACTERS) return;
    parts.push({ pane, path, lines: lines.slice(start, at + 1) });
    start = at + 1;
    characters = 0;
  });
  if (start < lines.length) parts.push({ pane, path, lines: lines.slice(start) });
  return parts;
}

/** The places within a part's lines, as places in the file. Pure. */
export function matchesOf(part: FindPart, places: readonly (readonly Place[])[]): FindMatch[] {
  const { pane, path, lines } = part;
  return lines.flatMap(({ which, line }, index) =>
    (places[index] ?? []).map(({ at }) => ({ pane, path, which, line, at })),
  );
}

function trimmed(line: string): string {
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}

/** The matches of several panes in the order in which a reader meets them: file by file, the left pane first. */
export function inOrder(matches: readonly (readonly FindMatch[])[], paths: readonly string[]): FindMatch[] {
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
