/** A tree of paths as rows. Pure. */

export interface Row<T> {
  kind: "folder" | "file";
  /** A folder's path ends with "/". */
  path: string;
  /** What the row shows: a file's name, or a chain of folders that hold nothing else ("src/marlin/"). */
  name: string;
  level: number;
  open: boolean;
  item: T | null;
  /** Position among its siblings, from 1, and how many there are. */
  position: number;
  siblings: number;
  files: number;
}

interface Folder<T> {
  folders: Map<string, Folder<T>>;
  files: { name: string; item: T }[];
  count: number;
}

function emptyFolder<T>(): Folder<T> {
  return { folders: new Map(), files: [], count: 0 };
}

function build<T extends { path: string }>(items: readonly T[]): Folder<T> {
  const root = emptyFolder<T>();
  for (const item of items) {
    // A quoted name (control characters, no UTF-8) is one name: what looks like folders in it may be an escape.
    const parts = item.path.startsWith('"') ? [item.path] : item.path.split("/");
    const name = parts.pop() ?? "";
    let folder = root;
    folder.count += 1;
    for (const part of parts) {
      let next = folder.folders.get(part);
      if (!next) {
        next = emptyFolder();
        folder.folders.set(part, next);
      }
      next.count += 1;
      folder = next;
    }
    folder.files.push({ name, item });
  }
  return root;
}

/** Folders before files, each by name, as in a file browser; or all by path, as git lists the files of a patch. */
export type TreeOrder = "folders" | "paths";

/** The rows that are to be seen; what lies in a closed folder is left out. */
export function treeRows<T extends { path: string }>(
  items: readonly T[],
  isOpen: (folder: string) => boolean,
  order: TreeOrder = "folders",
): Row<T>[] {
  const rows: Row<T>[] = [];
  const visit = (folder: Folder<T>, prefix: string, level: number) => {
    const children = childrenOf(folder, order);
    for (const [index, child] of children.entries()) {
      const place = { level, position: index + 1, siblings: children.length };
      if (child.folder === null) {
        rows.push({
          ...place,
          kind: "file",
          path: child.item.path,
          name: child.name,
          open: false,
          item: child.item,
          files: 1,
        });
        continue;
      }
      let name = `${child.name}/`;
      let inner = child.folder;
      // A chain of folders that hold one folder each is one row.
      while (inner.files.length === 0 && inner.folders.size === 1) {
        const [[next, deeper]] = [...inner.folders] as [[string, Folder<T>]];
        name += `${next}/`;
        inner = deeper;
      }
      const path = prefix + name;
      const open = isOpen(path);
      rows.push({ ...place, kind: "folder", path, name, open, item: null, files: inner.count });
      if (open) visit(inner, path, level + 1);
    }
  };
  visit(build(items), "", 1);
  return rows;
}

type Child<T> = { name: string; folder: Folder<T>; item: null } | { name: string; folder: null; item: T };

function childrenOf<T>(folder: Folder<T>, order: TreeOrder): Child<T>[] {
  const folders = [...folder.folders].map(([name, inner]): Child<T> => ({ name, folder: inner, item: null }));
  const files = folder.files.map(({ name, item }): Child<T> => ({ name, folder: null, item }));
  const byName = (one: Child<T>, other: Child<T>) => compare(one.name, other.name);
  if (order === "folders") return [...folders.sort(byName), ...files.sort(byName)];
  const end = (child: Child<T>) => (child.folder ? `${child.name}/` : child.name);
  return [...folders, ...files].sort((one, other) => compare(end(one), end(other)));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The folders that must be open for `path` to be seen. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  if (path.startsWith('"')) return folders;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.push(path.slice(0, at + 1));
  return folders;
}

/** The row that a key leads to; null when the key means nothing here. */
export function rowAfterKey<T>(rows: readonly Row<T>[], at: number, key: string): number | null {
  const row = rows[at];
  switch (key) {
    case "ArrowDown":
      return Math.min(at + 1, rows.length - 1);
    case "ArrowUp":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return rows.length - 1;
    case "ArrowLeft": {
      const parent = rows.findLastIndex((other, index) => index < at && other.level < (row?.level ?? 0));
      return parent === -1 ? at : parent;
    }
    default:
      return null;
  }
}

/** Type-ahead: the next row, after this one and round again, whose name begins with what was typed. */
export function rowNamed<T>(rows: readonly Row<T>[], at: number, typed: string): number | null {
  const wanted = typed.toLowerCase();
  // The same letter again means the next one; a longer word stays where it still fits.
  const start = typed.length > 1 ? at : at + 1;
  for (let i = 0; i < rows.length; i++) {
    const index = (start + i) % rows.length;
    if (rows[index]?.name.toLowerCase().startsWith(wanted)) return index;
  }
  return null;
}
