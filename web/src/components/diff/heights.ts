import { HEAD_HEIGHT, LINE_HEIGHT, SPACE_BELOW } from "./options";
import type { ParsedFile } from "./patch";

/** How high a separator is at least, in lines. */
const SEPARATOR = 2;

/** How many lines as much room as a file takes is, below its head. */
export function linesIn(height: number): number {
  return Math.max(1, Math.floor((height - HEAD_HEIGHT - SPACE_BELOW) / LINE_HEIGHT));
}

/** How many lines a file takes at least when it is drawn: wrapped ones and notes come on top. */
export function leastLines(file: ParsedFile, layout: "split" | "unified"): number {
  if (file.binary) return 1;
  if (!file.diff) return Math.max(1, file.raw.split("\n").length - 1);
  let lines = 0;
  for (const hunk of file.diff.hunks) {
    lines += layout === "split" ? hunk.splitLineCount : hunk.unifiedLineCount;
    if (hunk.collapsedBefore > 0) lines += SEPARATOR;
  }
  return Math.max(1, lines);
}

/**
 * How tall the files of one pane are, as they were drawn last: the pane beside it leaves as much room for those that it
 * lacks, so that both show the same file at the same height.
 */
export class Heights {
  readonly #known = new Map<string, number>();
  readonly #told = new Set<() => void>();
  /** What the viewer reckons with for a file that was not drawn yet. */
  reckon: ((path: string) => number | null) | null = null;

  of = (path: string): number => this.#known.get(path) ?? this.reckon?.(path) ?? 0;

  set(drawn: Iterable<readonly [path: string, height: number]>): void {
    let changed = false;
    for (const [path, height] of drawn) {
      if (Math.abs((this.#known.get(path) ?? 0) - height) < 1) continue;
      this.#known.set(path, height);
      changed = true;
    }
    if (changed) for (const tell of this.#told) tell();
  }

  subscribe = (tell: () => void): (() => void) => {
    this.#told.add(tell);
    return () => this.#told.delete(tell);
  };
}
