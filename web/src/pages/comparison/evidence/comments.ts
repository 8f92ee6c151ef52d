import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useSyncExternalStore } from "react";
import { commentsQuery } from "../../../api/comments";
import type { Comment } from "../../../api/types";
import { CommentStore, type CommentsState, type Editing } from "./comment-store";

export interface Comments {
  store: CommentStore;
  comparison: string;
  turn: number;
  /** Whether the caller may write comments now. */
  writes: boolean;
  /** Opens the list of all comments at this one. */
  show: (id: string) => void;
  /** Brings the rating of the turn into view. */
  showRating: () => void;
}

const NOWHERE = new CommentStore({ comparison: "", onServer: () => {} });

export const CommentsContext = createContext<Comments>({
  ...{ store: NOWHERE, comparison: "", turn: 0, writes: false, show: () => {} },
  showRating: () => {},
});

export function useComments(): Comments {
  return useContext(CommentsContext);
}

export function useCommentsState(store: CommentStore): CommentsState {
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** One comment as the page shows it: as the server has it, and as it is being written. */
export interface CommentEntry {
  id: string;
  turn: number;
  saved: Comment | null;
  editing: Editing | null;
}

/** Every comment of a comparison, by turn. New ones that are not saved yet come last in theirs. */
export function useCommentEntries(store: CommentStore, comparison: string): CommentEntry[] {
  const { editing } = useCommentsState(store);
  const saved = useQuery({ ...commentsQuery(comparison), enabled: comparison !== "" }).data ?? [];
  const known = new Set(saved.map((comment) => comment.id));
  const entries = saved.map((comment) => ({
    id: comment.id,
    turn: comment.turn,
    saved: comment,
    editing: editing.get(comment.id) ?? null,
  }));
  const fresh = [...editing.values()].filter((entry) => !known.has(entry.id));
  return [...entries, ...fresh.map((entry) => ({ id: entry.id, turn: entry.turn, saved: null, editing: entry }))].sort(
    (a, b) => a.turn - b.turn,
  );
}
