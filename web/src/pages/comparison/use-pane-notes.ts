import { type ReactNode, useCallback, useMemo } from "react";
import type { LineNote, ParsedFile } from "../../components/diff";
import { ACTING } from "./evidence/use-line-notes";
import { isAbout, type LineHooks, type Pane, toPane } from "./line-hooks";
import { hasMedia } from "./MediaNote";

const NONE: LineNote[] = [];
const MEDIA = "media:";

/** The notes that people made: the picture of a picture's file is none, nor is the choice of what to do with lines. */
export function madeNotes(notes: readonly LineNote[]): LineNote[] {
  return notes.filter((note) => !note.key.startsWith(MEDIA) && note.key !== ACTING);
}

/** The notes of a pane by file. A file's list stays the same object while its notes do: the viewer goes by that. */
export function usePaneNotes(
  pane: Pane,
  /** The point whose lines are its old ones. */
  from: string,
  hooks: LineHooks,
  files: readonly ParsedFile[],
  renderMedia: (path: string) => ReactNode,
): { notesOf: (path: string) => LineNote[]; render: (note: LineNote) => ReactNode } {
  const { byPath, byKey } = useMemo(() => {
    const byPath = new Map<string, LineNote[]>();
    for (const { path } of files.filter(hasMedia))
      byPath.set(path, [{ key: MEDIA + path, path, which: "new", line: 0 }]);
    for (const note of hooks.notes) {
      const here = isAbout(note, from) ? toPane(pane, note) : null;
      if (here) byPath.set(note.path, [...(byPath.get(note.path) ?? []), here]);
    }
    return { byPath, byKey: new Map(hooks.notes.map((note) => [note.key, note])) };
  }, [pane, from, hooks.notes, files]);
  const notesOf = useCallback((path: string) => byPath.get(path) ?? NONE, [byPath]);
  const { renderNote } = hooks;
  const render = useCallback(
    (note: LineNote) => {
      if (note.key.startsWith(MEDIA)) return renderMedia(note.path);
      const own = byKey.get(note.key);
      return own ? renderNote(own) : null;
    },
    [byKey, renderNote, renderMedia],
  );
  return { notesOf, render };
}
