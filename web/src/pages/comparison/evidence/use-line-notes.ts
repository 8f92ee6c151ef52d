import { useMemo } from "react";
import type { Anchor } from "../../../api/types";
import type { SideLines, SideNote } from "../line-hooks";
import { type CitedBoard, useCitedPlaces } from "./cited-board";
import { citedNotes } from "./cited-places";
import type { CommentStore } from "./comment-store";
import { useCommentEntries } from "./comments";

export const ACTING = "acting";

export interface LineNotesOf {
  store: CommentStore;
  board: CitedBoard;
  comparison: string;
  turn: number;
  /** Lines for which somebody is choosing what to do. */
  acting: SideLines | null;
}

/** What hangs on the lines of a turn's changes: comments, marks of what is cited, and the choice between commenting and citing. */
export function useLineNotes({ store, board, comparison, turn, acting }: LineNotesOf): SideNote[] {
  const entries = useCommentEntries(store, comparison);
  // Notes are compared by identity in the viewer: typing in a comment must not make new ones.
  const places = entries
    .filter((entry) => entry.turn === turn)
    .flatMap((entry) => {
      const anchor = entry.saved?.anchor ?? entry.editing?.anchor;
      return anchor?.path == null ? [] : [noteAt(entry.id, anchor)];
    });
  const cited = citedNotes(useCitedPlaces(board), turn);
  const key = JSON.stringify([...cited, ...places]);
  return useMemo(() => {
    const notes = JSON.parse(key) as SideNote[];
    if (acting) notes.push({ key: ACTING, side: acting.side, path: acting.path, which: acting.which, line: acting.to });
    return notes;
  }, [key, acting]);
}

function noteAt(id: string, anchor: Anchor): SideNote {
  const which = anchor.at === "result" ? "new" : "old";
  const [first, last] = [anchor.first_line ?? 0, anchor.last_line ?? 0];
  const from = first === last ? {} : { from: first };
  return { key: id, side: anchor.side, path: anchor.path ?? "", which, line: last, ...from, about: "comment" };
}
