import { type ReactNode, useCallback, useMemo } from "react";
import type { LineNote } from "../../components/diff";
import { type LineHooks, type Pane, toPane } from "./line-hooks";

const NONE: LineNote[] = [];

/** The notes of a pane by file. A file's list stays the same object while its notes do: the viewer goes by that. */
export function usePaneNotes(
  pane: Pane,
  hooks: LineHooks,
): { notesOf: (path: string) => LineNote[]; render: (note: LineNote) => ReactNode } {
  const { byPath, byKey } = useMemo(() => {
    const byPath = new Map<string, LineNote[]>();
    for (const note of hooks.notes) {
      const here = toPane(pane, note);
      if (here) byPath.set(note.path, [...(byPath.get(note.path) ?? []), here]);
    }
    return { byPath, byKey: new Map(hooks.notes.map((note) => [note.key, note])) };
  }, [pane, hooks.notes]);
  const notesOf = useCallback((path: string) => byPath.get(path) ?? NONE, [byPath]);
  const { renderNote } = hooks;
  const render = useCallback(
    (note: LineNote) => {
      const own = byKey.get(note.key);
      return own ? renderNote(own) : null;
    },
    [byKey, renderNote],
  );
  return { notesOf, render };
}
