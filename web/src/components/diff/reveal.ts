import type { CodeViewScrollTarget, FileDiff } from "@pierre/diffs";
import type { LineNote } from "./items";
import type { ParsedFile } from "./patch";
import { type LineRange, rowAt, rowsOf } from "./rows";

export interface Reveal {
  scroll: (target: CodeViewScrollTarget) => void;
  /** The viewer's part for a file, while it is on screen. */
  instanceOf: (path: string) => FileDiff<LineNote, undefined> | null;
  fileOf: (path: string) => ParsedFile | null;
}

const frame = () => new Promise<void>((done) => requestAnimationFrame(() => done()));
const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Scrolls to lines; those between the hunks are fetched and opened first. False: the file has no such line. */
export async function revealLine(view: Reveal, range: LineRange, how: "center" | "nearest"): Promise<boolean> {
  const diff = view.fileOf(range.path)?.diff;
  if (!diff) return false;
  const drawn = (line: number) => rowAt(rowsOf(diff), range.which, line) !== -1;
  if (!drawn(range.from) && !(await openAround(view, range))) return false;
  // What hangs on the lines stands below the last of them.
  if (range.to !== range.from && !drawn(range.to)) await openAround(view, { ...range, from: range.to });
  const target = {
    type: "line" as const,
    id: range.path,
    lineNumber: range.from,
    side: range.which === "old" ? ("deletions" as const) : ("additions" as const),
    align: how,
    offset: how === "nearest" ? 60 : 0,
    behavior: "instant" as const,
  };
  view.scroll(target);
  if (how === "center") {
    // Heights above were estimates; once they are measured the line has moved a little.
    await later(120);
    view.scroll(target);
  }
  return true;
}

async function openAround(view: Reveal, range: LineRange): Promise<boolean> {
  view.scroll({ type: "item", id: range.path, align: "start", behavior: "instant" });
  const diff = view.fileOf(range.path)?.diff;
  for (let tries = 0; tries < 200; tries++) {
    await frame();
    const instance = view.instanceOf(range.path);
    if (!instance || !diff) continue;
    if (diff.isPartial) {
      if (diff.type === "new" || diff.type === "deleted") return false;
      // Opening any gap makes the viewer fetch the whole file; its promise is its own.
      if (tries % 50 === 1) instance.expandHunk(0, "up", 1);
      await later(20);
      continue;
    }
    const line = range.which === "new" ? range.from : newLineOf(diff, range.from);
    if (line > diff.additionLines.length) return false;
    instance.revealLine(line);
    await frame();
    await frame();
    return true;
  }
  return false;
}

/** The new number of an unchanged line, from its old one. */
export function newLineOf(diff: { hunks: ParsedHunk[] }, old: number): number {
  let shift = 0;
  for (const hunk of diff.hunks) {
    if (hunk.deletionStart > old) break;
    shift = hunk.additionStart + hunk.additionCount - (hunk.deletionStart + hunk.deletionCount);
  }
  return old + shift;
}

interface ParsedHunk {
  additionStart: number;
  additionCount: number;
  deletionStart: number;
  deletionCount: number;
}
