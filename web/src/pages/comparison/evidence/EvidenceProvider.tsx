import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { commentsQuery } from "../../../api/comments";
import { ratingsQuery } from "../../../api/ratings";
import type { Comment, Comparison, Turn } from "../../../api/types";
import { type LineHooks, LineHooksProvider, type SideLines, type SideNote } from "../line-hooks";
import { isClosed } from "../panel-mode";
import { anchorOf } from "./anchors";
import { CitedBoard, CitedContext } from "./cited-board";
import { CommentStore } from "./comment-store";
import { CommentsContext } from "./comments";
import { EvidenceContext, EvidenceDesk, type EvidenceTarget, tokenOf } from "./desk";
import { goToNode, goToWords } from "./go-to";
import { LineNote } from "./LineNote";
import { useLineNotes } from "./use-line-notes";

export interface EvidenceProviderProps {
  comparison: Comparison;
  turn: Turn;
  /** Whether the caller is writing a rating of this turn now. */
  writes: boolean;
  /** Brings the panel into view, with the rating or the comments, when something happens there while it is hidden. */
  onShow: (what: "rating" | "comments") => void;
  children: ReactNode;
}

/** Around a turn's results and its rating, so that what is clicked in one can be cited and commented on in the other. */
export function EvidenceProvider({ comparison, turn, writes, onShow, children }: EvidenceProviderProps) {
  const client = useQueryClient();
  const desk = useMemo(() => new EvidenceDesk(() => onShow("rating")), [onShow]);
  const [store] = useState(
    () =>
      new CommentStore({
        comparison: comparison.id,
        onServer: (id, comment) =>
          client.setQueryData<Comment[]>(commentsQuery(comparison.id).queryKey, (old = []) => put(old, id, comment)),
      }),
  );
  useEffect(() => {
    const flush = () => store.flush();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [store]);

  const board = useMemo(
    () =>
      new CitedBoard(({ field, start, end }) => {
        onShow("rating");
        goToWords(field, start, end);
      }),
    [onShow],
  );
  const entry = useQuery(ratingsQuery(comparison.id)).data?.turns[String(turn.number)];
  const saved = entry?.rating?.answers ?? entry?.draft?.answers;
  useEffect(() => board.save(saved ?? {}), [board, saved]);

  const writesComments = comparison.mine && !isClosed(comparison);
  const [acting, setActing] = useState<SideLines | null>(null);
  const evidence = useMemo(
    () => ({
      cite: writes ? (target: EvidenceTarget) => desk.insert(tokenOf(target)) : null,
      comment: writesComments
        ? (target: EvidenceTarget) => {
            store.begin(turn.number, anchorOf(target), target.text);
            if (target.kind === "step") onShow("comments");
          }
        : null,
      desk: writes ? desk : null,
    }),
    [desk, store, writes, writesComments, turn.number, onShow],
  );
  const notes = useLineNotes({ store, board, comparison: comparison.id, turn: turn.number, acting });
  const stopActing = useCallback(() => setActing(null), []);
  const renderNote = useCallback(
    (note: SideNote) => <LineNote noteKey={note.key} acting={acting} onDone={stopActing} />,
    [acting, stopActing],
  );
  const hooks = useMemo<LineHooks>(
    () => ({ notes, renderNote, onActOnLines: writes || writesComments ? setActing : undefined }),
    [notes, renderNote, writes, writesComments],
  );
  const comments = useMemo(
    () => ({
      ...{ store, comparison: comparison.id, turn: turn.number, writes: writesComments },
      show: (id: string) => {
        onShow("comments");
        goToNode(`comment-${id}`);
      },
      showRating: () => onShow("rating"),
    }),
    [store, comparison.id, turn.number, writesComments, onShow],
  );
  return (
    <EvidenceContext.Provider value={evidence}>
      <CommentsContext.Provider value={comments}>
        <CitedContext.Provider value={board}>
          <LineHooksProvider value={hooks}>{children}</LineHooksProvider>
        </CitedContext.Provider>
      </CommentsContext.Provider>
    </EvidenceContext.Provider>
  );
}

function put(list: Comment[], id: string, comment: Comment | null): Comment[] {
  const rest = list.filter((entry) => entry.id !== id);
  return comment === null ? rest : [...rest, comment].sort(byTurnThenTime);
}

function byTurnThenTime(a: Comment, b: Comment): number {
  return a.turn - b.turn || a.created_at.localeCompare(b.created_at);
}
