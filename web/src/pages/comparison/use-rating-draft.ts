import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { saveRatingDraft } from "../../api/ratings";
import type { RatingAnswers, RatingDraft, Ratings } from "../../api/types";
import { isRecord, kept } from "../../autosave/kept";
import { useAutosave } from "../../autosave/use-autosave";
import { EMPTY_ANSWERS } from "./scale";

/** The rating being written for one turn: kept here while typing, saved as a draft after a short pause. */
export function useRatingDraft(
  comparison: string,
  turn: number,
  draft: RatingDraft | null,
  start: RatingAnswers | null,
) {
  const client = useQueryClient();
  const keepAs = `rating/${comparison}/${turn}`;
  const [unsaved] = useState(() => kept(keepAs, isRecord, draft?.saved_at));
  const [answers, setAnswers] = useState<RatingAnswers>(() => ({
    ...EMPTY_ANSWERS,
    ...start,
    ...draft?.answers,
    ...unsaved,
  }));
  const revision = useRef(draft?.revision ?? 0);

  const save = useCallback(
    async (value: RatingAnswers, keepalive: boolean) => {
      const saved = await saveRatingDraft(comparison, turn, revision.current, value, keepalive);
      revision.current = saved.revision;
      // The cache must know the newest draft: this form may be closed and opened again.
      client.setQueryData<Ratings>(["comparison", comparison, "ratings"], (old) => {
        if (!old) return old;
        const entry = old.turns[String(turn)] ?? { rating: null, draft: null };
        return { ...old, turns: { ...old.turns, [turn]: { ...entry, draft: { ...saved, answers: value } } } };
      });
    },
    [comparison, turn, client],
  );
  const autosave = useAutosave(save, { keepAs });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form opens
  useEffect(() => {
    if (unsaved !== null) autosave.change(answers);
  }, []);

  const change = (next: RatingAnswers) => {
    setAnswers(next);
    autosave.change(next);
  };
  const readTheirs = () => api.get<RatingDraft>(`/comparisons/${comparison}/turns/${turn}/rating/draft`);
  const takeTheirs = async () => {
    const other = await readTheirs();
    revision.current = other.revision;
    setAnswers({ ...EMPTY_ANSWERS, ...other.answers });
    autosave.resume(true);
  };
  const keepMine = async () => {
    revision.current = (await readTheirs()).revision;
    autosave.resume(false);
  };
  const merge = async (merged: RatingAnswers) => {
    revision.current = (await readTheirs()).revision;
    setAnswers(merged);
    autosave.change(merged);
    autosave.resume(false);
  };
  const theirs = autosave.state.kind === "conflict" ? theirsOf(autosave.state.problem.details) : null;
  return { answers, change, autosave, takeTheirs, keepMine, merge, theirs };
}

/** The newer draft, which comes with the refusal to overwrite it. */
function theirsOf(details: Record<string, unknown>): RatingAnswers | null {
  const draft = details.draft as RatingDraft | undefined;
  return draft ? { ...EMPTY_ANSWERS, ...draft.answers } : null;
}
