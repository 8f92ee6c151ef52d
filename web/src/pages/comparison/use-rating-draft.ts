import { useQueryClient } from "@tanstack/react-query";
import { saveRatingDraft } from "../../api/ratings";
import type { RatingAnswers, RatingDraft, Ratings } from "../../api/types";
import { useDraft } from "../../autosave/use-draft";
import { RATING_SHAPE } from "./rating-shape";
import { EMPTY_ANSWERS } from "./scale";

/** The rating being written for one turn: kept here while typing, saved as a draft after a short pause. */
export function useRatingDraft(
  comparison: string,
  turn: number,
  draft: RatingDraft | null,
  start: RatingAnswers | null,
) {
  const client = useQueryClient();
  return useDraft<RatingAnswers, number>(() => ({
    keepAs: `rating/${comparison}/${turn}`,
    shape: RATING_SHAPE,
    stored: { value: { ...EMPTY_ANSWERS, ...start, ...draft?.answers }, revision: draft?.revision ?? 0 },
    send: async (answers, { revision }, keepalive) => {
      const saved = await saveRatingDraft(comparison, turn, revision, answers, keepalive);
      // The cache must know the newest draft: this form may be closed and opened again.
      client.setQueryData<Ratings>(["comparison", comparison, "ratings"], (old) => {
        if (!old) return old;
        const entry = old.turns[String(turn)] ?? { rating: null, draft: null };
        return { ...old, turns: { ...old.turns, [turn]: { ...entry, draft: { ...saved, answers } } } };
      });
      return { value: answers, revision: saved.revision };
    },
    // The newer draft comes with the refusal to overwrite it.
    newer: async ({ details }) => {
      const newer = details.draft as RatingDraft | undefined;
      return newer ? { value: { ...EMPTY_ANSWERS, ...newer.answers }, revision: newer.revision } : null;
    },
  }));
}
