import type { Side } from "../../api/types";

/** One path that either side changed. */
export interface AlignedFile<T> {
  path: string;
  A: T | null;
  B: T | null;
}

/** The same file list for both panes: every path that either side changed, once, in the order git lists paths. */
export function alignFiles<T extends { path: string }>(a: readonly T[], b: readonly T[]): AlignedFile<T>[] {
  const byPath = new Map<string, AlignedFile<T>>();
  const add = (side: Side, files: readonly T[]) => {
    for (const file of files) {
      const entry = byPath.get(file.path) ?? { path: file.path, A: null, B: null };
      entry[side] = file;
      byPath.set(file.path, entry);
    }
  };
  add("A", a);
  add("B", b);
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
}

/** "src/pkg/module.py" → ["src/pkg/", "module.py"], to show the name stronger than its folder. */
export function splitPath(path: string): [folder: string, name: string] {
  const cut = path.lastIndexOf("/") + 1;
  return [path.slice(0, cut), path.slice(cut)];
}
