import type { CodeViewItem, DiffLineAnnotation, LineAnnotation } from "@pierre/diffs";
import type { ParsedFile } from "./patch";

export const UNCHANGED = "unchanged:";

/** Of the note that keeps what blank lines do not of the room that the file takes beside; their number follows. */
export const ROOM = "room:";

/** Something to be rendered below a line, or at the top of a file (`line` 0). */
export interface LineNote {
  /** Unique in the view, and stable: React's key. */
  key: string;
  path: string;
  which: "old" | "new";
  line: number;
  /** The first of several lines that it is about; `line` is the last. */
  from?: number;
  /** How its lines are marked at their numbers; left out: not at all. */
  about?: "cited" | "comment";
  /** In whose colour, where a pane holds lines of both sides. */
  side?: "A" | "B";
}

export interface ItemState {
  folded: boolean;
  notes: readonly LineNote[];
}

/** Of a placeholder: blank lines, which the viewer reckons with before it draws them. */
interface Room extends ItemState {
  lines: number;
}

const FOLDED: ItemState = { folded: true, notes: [] };

/**
 * The pane's items: each changed file, and a placeholder for each path that only the other pane has, so that the two
 * panes list the same files in the same order; folded, or with as much room as the file takes there.
 */
export class ItemList {
  // The viewer takes a new item only under a new version, and keeps what it measured for the others.
  #known = new Map<string, { file: ParsedFile | null; state: ItemState; item: CodeViewItem<LineNote> }>();

  readonly #rooms = new Map<string, Room>();

  /** The same object for the same room: the viewer goes by that. */
  #room(path: string, lines: number): Room {
    const before = this.#rooms.get(path);
    if (before?.lines === lines) return before;
    const room = { folded: false, notes: [{ key: ROOM + lines, path, which: "new" as const, line: 0 }], lines };
    this.#rooms.set(path, room);
    return room;
  }

  next(
    files: readonly ParsedFile[],
    paths: readonly string[] | null,
    stateOf: (path: string) => ItemState,
    /** How many lines a file has at least in the other pane; 0, or left out: its placeholder is folded. */
    roomFor?: (path: string) => number,
  ): CodeViewItem<LineNote>[] {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const listed = new Set(paths ?? []);
    const order = paths ? [...paths, ...[...byPath.keys()].filter((path) => !listed.has(path))] : [...byPath.keys()];
    const known = this.#known;
    this.#known = new Map();
    return order.map((path) => {
      const file = byPath.get(path) ?? null;
      const lines = file ? 0 : (roomFor?.(path) ?? 0);
      const state = file ? stateOf(path) : lines > 0 ? this.#room(path, lines) : FOLDED;
      const before = known.get(path);
      const same = before?.file === file && before.state.folded === state.folded && before.state.notes === state.notes;
      const item = same ? before.item : makeItem(path, file, state, before?.item ?? null);
      this.#known.set(path, { file, state, item });
      return item;
    });
  }
}

function roomOf(state: ItemState): number {
  return "lines" in state ? Number(state.lines) : 0;
}

function makeItem(
  path: string,
  file: ParsedFile | null,
  state: ItemState,
  before: CodeViewItem<LineNote> | null,
): CodeViewItem<LineNote> {
  const version = (before?.version ?? 0) + 1;
  if (file?.diff && !file.binary) {
    const annotations = state.notes.map(
      (note): DiffLineAnnotation<LineNote> => ({
        side: note.which === "old" ? "deletions" : "additions",
        lineNumber: note.line,
        metadata: note,
      }),
    );
    return { id: path, type: "diff", fileDiff: file.diff, annotations, collapsed: state.folded, version };
  }
  // What is no text has nothing but its notes; what could not be parsed is shown as git wrote it.
  const contents = file === null ? "\n".repeat(Math.max(0, roomOf(state) - 1)) : file.binary ? "" : file.raw;
  return {
    id: path,
    type: "file",
    annotations: state.notes.map((note): LineAnnotation<LineNote> => ({ lineNumber: note.line, metadata: note })),
    collapsed: state.folded,
    version,
    // The viewer wants the very same object for what it has measured already.
    file:
      before?.type === "file" && before.file.contents === contents
        ? before.file
        : { name: path, contents, lang: "text", cacheKey: UNCHANGED + path + contents.length },
  };
}
