import { type FileDiffMetadata, processFile } from "@pierre/diffs";
import { whenGoingOn } from "../../opening";
import { readHead } from "./patch-head";
import { PatchSplitter, splitPatch } from "./split";
import { type LineEndings, lineEndings, tame } from "./tame";

export type FileStatus = "A" | "M" | "D" | "R" | "C" | "T";

export interface ParsedFile {
  path: string;
  /** Before a rename or copy. */
  oldPath: string | null;
  status: FileStatus;
  /** How alike a renamed file is to what it was, in percent. */
  similarity: number | null;
  binary: boolean;
  /** Null when the parser can't read this file's part: then `raw` is what there is. */
  diff: FileDiffMetadata | null;
  raw: string;
  additions: number;
  deletions: number;
  /** Ids of the contents before and after, and the mode: the same content has the same key. */
  content: string;
  oldId: string | null;
  newId: string | null;
  /** What the lines do not show: binary content, a changed mode, a link, an empty file. */
  note: string | null;
  endings: LineEndings;
  /** What a reader must know to trust their eyes. */
  warnings: string[];
}

/**
 * Reads raw `git diff` text, file by file, so that one file the parser can't read does not hide the others. `key` must
 * name the patch uniquely (comparison, turn, ends, options): the highlighter's cache goes by it.
 */
export function parsePatch(text: string, key: string): ParsedFile[] {
  return splitPatch(text).map((part, index) => parseFile(part, `${key}/${index}`));
}

/** How long the page may be kept from drawing at a time: a patch of 69,500 lines takes many of these. */
const SLICE_MS = 12;

/** So many files, or files with so many lines, are told of before the others: more than the tallest first screen shows. */
export const FIRST_FILES = 24;
const FIRST_LINES = 240;
/** A long file may be folded: what it counts for at most. */
const FILE_LINES = 120;

export interface ReadPatch {
  /** What git wrote, a part per file. The text of large files is kept once: joined it would be there twice. */
  parts: readonly string[];
  files: ParsedFile[];
  /** False while these are the first files only, so that they can be drawn already. */
  complete: boolean;
}

/**
 * As {@link parsePatch}, of text that is still coming, with a breath between: the page goes on drawing and listening.
 *
 * @param onFirst is told of the first files where there are more. The rest is read when a page that is being opened has
 *   drawn its first lines.
 */
export async function parseInSlices(
  pieces: AsyncIterable<string> | Iterable<string>,
  key: string,
  signal?: AbortSignal,
  onFirst?: (first: ReadPatch) => void,
): Promise<ReadPatch> {
  const files: ParsedFile[] = [];
  const splitter = new PatchSplitter();
  const parts: string[] = [];
  let [began, lines, told] = [performance.now(), 0, onFirst === undefined];
  const take = async (some: readonly string[]) => {
    for (const part of some) {
      if (performance.now() - began > SLICE_MS) {
        await breath();
        signal?.throwIfAborted();
        began = performance.now();
      }
      if (!told && (files.length === FIRST_FILES || lines >= FIRST_LINES)) {
        told = true;
        onFirst?.({ parts: [...parts], files: [...files], complete: false });
        await whenGoingOn();
        signal?.throwIfAborted();
        began = performance.now();
      }
      const file = parseFile(part, `${key}/${files.length}`);
      files.push(file);
      parts.push(part);
      lines += Math.min(file.diff?.unifiedLineCount ?? 1, FILE_LINES);
    }
  };
  for await (const piece of pieces) await take(splitter.push(piece));
  await take(splitter.end());
  return { parts, files, complete: true };
}

/** Lets whatever waits have its turn. A timer would be held back for 4 ms when one begins the next. */
function breath(): Promise<void> {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}

function parseFile(part: string, key: string): ParsedFile {
  const body = part.startsWith("@@ ") ? 0 : part.indexOf("\n@@ ") + 1;
  const headText = body === 0 ? part : part.slice(0, body);
  const head = readHead(headText);
  const tamed = body === 0 ? null : tame(part.slice(body));
  const raw = headText + (tamed?.text ?? "");
  let diff: FileDiffMetadata | null = null;
  try {
    diff = processFile(raw, { cacheKey: key, isGitDiff: true, throwOnError: true }) ?? null;
  } catch {
    diff = null;
  }
  if (diff) {
    // The head was read with git's own rules for quoting; the library's name may differ for a hostile one.
    diff.name = head.path;
    if (head.oldPath !== null) diff.prevName = head.oldPath;
  }
  const endings = diff ? settleEndings(diff) : ("lf" as const);
  const warnings = [
    ...(tamed?.reordering
      ? ["Has characters that change the order in which text is read. They are shown as ⟨U+…⟩."]
      : []),
    ...(tamed?.unseen && !tamed.reordering ? ["Has invisible or control characters. They are shown as symbols."] : []),
    ...(tamed && tamed.cut > 0
      ? [`${tamed.cut === 1 ? "A line is" : `${tamed.cut} lines are`} too long to show whole.`]
      : []),
    ...(tamed?.undecoded ? ["Has bytes that are no UTF-8, shown as �."] : []),
    ...(endings === "mixed" ? ["Line endings differ: ␍ marks a carriage return."] : []),
    ...(diff === null && body !== 0 ? ["This file’s patch can’t be read as a diff; it is shown as git wrote it."] : []),
  ];
  return {
    ...head,
    diff,
    raw,
    endings,
    additions: diff?.hunks.reduce((sum, hunk) => sum + hunk.additionLines, 0) ?? 0,
    deletions: diff?.hunks.reduce((sum, hunk) => sum + hunk.deletionLines, 0) ?? 0,
    note: head.note ?? (isPointer(diff) ? "Git LFS pointer" : endings === "crlf" ? "CRLF" : null),
    warnings,
  };
}

function isPointer(diff: FileDiffMetadata | null): boolean {
  return Boolean((diff?.additionLines[0] ?? diff?.deletionLines[0])?.startsWith("version https://git-lfs.github.com/"));
}

/** Carriage returns at the ends of lines: dropped when all have one, shown when some have. */
function settleEndings(diff: FileDiffMetadata): LineEndings {
  const endings = lineEndings(diff.deletionLines, diff.additionLines);
  if (endings === "lf") return endings;
  const end = endings === "crlf" ? "\n" : "␍\n";
  for (const lines of [diff.deletionLines, diff.additionLines])
    lines.forEach((line, index) => {
      if (line.endsWith("\r\n")) lines[index] = line.slice(0, -2) + end;
    });
  diff.additionCharacterCount = diff.additionLines.reduce((sum, line) => sum + line.length, 0);
  diff.deletionCharacterCount = diff.deletionLines.reduce((sum, line) => sum + line.length, 0);
  return endings;
}
