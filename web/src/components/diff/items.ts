import type { CodeViewItem } from "@pierre/diffs";
import type { ParsedFile } from "./patch";

export const UNCHANGED = "unchanged:";

/**
 * The pane's items: each changed file, and a folded placeholder for each path that only the other pane has, so that
 * the two panes list the same files in the same order.
 */
export function paneItems(files: ParsedFile[], paths: readonly string[] | null): CodeViewItem<undefined>[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const order = paths ? [...paths, ...files.map((file) => file.path).filter((path) => !paths.includes(path))] : null;
  return (order ?? [...byPath.keys()]).map((path): CodeViewItem<undefined> => {
    const file = byPath.get(path);
    if (file) return { id: path, type: "diff", fileDiff: file.diff };
    return {
      id: path,
      type: "file",
      collapsed: true,
      file: { name: path, contents: "", lang: "text", cacheKey: UNCHANGED + path },
    };
  });
}
