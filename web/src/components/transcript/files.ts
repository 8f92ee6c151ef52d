import type { TranscriptItem } from "./items";

export interface TouchedFile {
  path: string;
  /** How often it was edited, moved or deleted. */
  edits: number;
  /** The last thing that was done to it. */
  last: "edit" | "delete" | "move";
  /** Index of the first item that touched it. */
  first: number;
}

const PATCH_PATH = /^\+\+\+ b\/(.+)$/gm;

/** Files that the tool calls of a transcript wrote, in the order in which they were first touched. What commands did is not known here. */
export function touchedFiles(items: readonly TranscriptItem[]): TouchedFile[] {
  const found = new Map<string, TouchedFile>();
  items.forEach((item, index) => {
    if (item.type !== "tool" || (item.tool !== "edit" && item.tool !== "delete" && item.tool !== "move")) return;
    if (item.status === "failed" || item.status === "cancelled") return;
    const paths = new Set(item.locations.map((location) => location.path));
    for (const match of item.patch.matchAll(PATCH_PATH)) if (match[1]) paths.add(match[1]);
    if (paths.size === 0 && item.input && !item.input.includes("\n")) paths.add(item.input);
    for (const path of paths) {
      const known = found.get(path);
      if (known) Object.assign(known, { edits: known.edits + 1, last: item.tool });
      else found.set(path, { path, edits: 1, last: item.tool, first: index });
    }
  });
  return [...found.values()];
}
