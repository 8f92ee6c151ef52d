import { useState } from "react";
import type { Question } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { forget, keep, kept } from "../../../autosave/kept";
import { type Draft, isDraft, startFrom, stillThere } from "./wish";

/**
 * What is typed of a question, kept in the browser at every change: a reload, a crash or a closed tab loses nothing. It
 * belongs to the version that it amends, so it does not come back over a question that somebody else has amended since.
 */
export function useQuestionDraft(campaign: Campaign, before: Question | null, arms: string[]) {
  const key = `question/${campaign.id}/${before?.version ?? 0}`;
  const [start] = useState(() => startFrom(before, arms));
  const [found] = useState(() => kept(key, isDraft)?.value ?? null);
  const axes = ["overall", ...campaign.rubric.axes.map((axis) => axis.name)];
  const [draft, setDraft] = useState<Draft>(() => (found ? stillThere(found, arms, axes) : start));
  const [restored, setRestored] = useState(found !== null);
  return {
    draft,
    /** Whether it begins with what was typed before. */
    restored,
    put(part: Partial<Draft>) {
      const next = { ...draft, ...part };
      setDraft(next);
      keep(key, next);
    },
    /** Registered, or thought better of. */
    drop() {
      forget(key);
      setRestored(false);
      setDraft(start);
    },
  };
}
