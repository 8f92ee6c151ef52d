import { type FileDiffMetadata, parsePatchFiles } from "@pierre/diffs";

export interface ParsedFile {
  path: string;
  diff: FileDiffMetadata;
  additions: number;
  deletions: number;
  binary: boolean;
}

/**
 * Reads raw `git diff` text. `key` must name the patch uniquely (comparison, turn, ends, options): the highlighter's
 * cache goes by it. A patch that the parser can't read throws, so that it is shown raw instead of half.
 */
export function parsePatch(text: string, key: string): ParsedFile[] {
  if (text.trim() === "") return [];
  const binaries = binaryPaths(text);
  const parsed = parsePatchFiles(text, { cacheKeyPrefix: key, throwOnError: true });
  return parsed
    .flatMap((patch) => patch.files)
    .map((diff) => ({
      path: diff.name,
      diff,
      additions: diff.hunks.reduce((sum, hunk) => sum + hunk.additionLines, 0),
      deletions: diff.hunks.reduce((sum, hunk) => sum + hunk.deletionLines, 0),
      binary: binaries.has(diff.name),
    }));
}

/** Paths whose content git does not show as text. */
export function binaryPaths(text: string): Set<string> {
  const found = new Set<string>();
  for (const part of text.split(/^(?=diff --git )/m)) {
    const name = /^diff --git (?:"?a\/.*?"?) "?b\/(.*?)"?$/m.exec(part)?.[1];
    const body = part.search(/^@@ /m);
    const head = body === -1 ? part : part.slice(0, body);
    if (name !== undefined && /^(?:Binary files .* differ|GIT binary patch)$/m.test(head)) found.add(name);
  }
  return found;
}
