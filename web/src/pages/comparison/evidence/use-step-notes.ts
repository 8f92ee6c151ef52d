import { useMemo } from "react";
import type { Side } from "../../../api/types";
import { useCitedBoard, useCitedPlaces } from "./cited-board";
import { type CommentEntry, useCommentEntries, useComments } from "./comments";

/** The steps of a side that are cited or commented on. The same set while they are the same: rows are drawn by it. */
export function useStepsWithNotes(turn: number, side: Side): ReadonlySet<number> {
  const places = useCitedPlaces(useCitedBoard());
  const { store, comparison } = useComments();
  const entries = useCommentEntries(store, comparison);
  const cited = places.flatMap(({ citation }) =>
    citation.kind === "step" && citation.side === side ? [citation.step] : [],
  );
  const commented = entries.flatMap((entry) => (entry.turn === turn ? (stepOf(entry, side) ?? []) : []));
  const key = [...new Set([...cited, ...commented])].sort((a, b) => a - b).join();
  return useMemo(() => new Set(key === "" ? [] : key.split(",").map(Number)), [key]);
}

export function stepOf(entry: CommentEntry, side: Side): number | null {
  const anchor = entry.saved?.anchor ?? entry.editing?.anchor;
  return anchor?.side === side ? anchor.step : null;
}
