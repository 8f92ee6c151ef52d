import { type FileDiffMetadata, parsePatchFiles } from "@pierre/diffs";

export interface ParsedFile {
  path: string;
  diff: FileDiffMetadata;
  additions: number;
  deletions: number;
  /** What the lines do not show: binary content, a changed mode, a link, an empty file. */
  note: string | null;
}

/**
 * Reads raw `git diff` text. `key` must name the patch uniquely (comparison, turn, ends, options): the highlighter's
 * cache goes by it. A patch that the parser can't read throws, so that it is shown raw instead of half.
 */
export function parsePatch(text: string, key: string): ParsedFile[] {
  if (text.trim() === "") return [];
  const heads = splitPatch(text).map(headOf);
  const parsed = parsePatchFiles(text, { cacheKeyPrefix: key, throwOnError: true });
  return parsed
    .flatMap((patch) => patch.files)
    .map((diff, index) => ({
      path: diff.name,
      diff,
      additions: diff.hunks.reduce((sum, hunk) => sum + hunk.additionLines, 0),
      deletions: diff.hunks.reduce((sum, hunk) => sum + hunk.deletionLines, 0),
      note: noteOn(heads[index] ?? "", diff),
    }));
}

/** One part per file. Content lines never begin with "diff --git": each carries its mark (space, +, −, \) first. */
export function splitPatch(text: string): string[] {
  return text.split(/^(?=diff --git )/m).filter((part) => part.startsWith("diff --git "));
}

function headOf(part: string): string {
  const body = part.search(/^@@ /m);
  return body === -1 ? part : part.slice(0, body);
}

function noteOn(head: string, diff: Pick<FileDiffMetadata, "hunks" | "mode" | "prevMode" | "type">): string | null {
  if (/^(?:Binary files .* differ|GIT binary patch)$/m.test(head)) return "binary";
  if (diff.prevMode && diff.mode && diff.prevMode !== diff.mode) return `mode ${diff.prevMode} → ${diff.mode}`;
  if (diff.mode === "120000") return "symbolic link";
  if (diff.mode === "160000") return "submodule";
  if (diff.hunks.length === 0 && (diff.type === "new" || diff.type === "deleted")) return "empty file";
  return null;
}
