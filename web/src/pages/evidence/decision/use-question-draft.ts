import { useState } from "react";
import type { Question } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { forget, isRecord, keep, kept } from "../../../autosave/kept";
import { carried, type Draft, isDraft, startFrom, stillThere } from "./wish";

/** What is typed, and the version of the question it is typed over; 0 before there is one. */
interface Typed {
  version: number;
  draft: Draft;
}

const isTyped = (value: unknown): value is Typed =>
  isRecord(value) && typeof value.version === "number" && isDraft(value.draft);

/**
 * What is typed of a question, kept in the browser at every change: a reload, a crash or a closed tab loses nothing. It
 * stays with the version that it was typed over until its person takes it over to a newer one.
 */
export function useQuestionDraft(campaign: Campaign, before: Question | null, arms: string[]) {
  const key = `question/${campaign.id}`;
  const axes = ["overall", ...campaign.rubric.axes.map((axis) => axis.name)];
  const newest: Typed = { version: before?.version ?? 0, draft: startFrom(before, arms) };
  const [{ typed, start, restored }, set] = useState(() => {
    const found = kept(key, isTyped);
    if (!found?.base || found.value.version > newest.version) return { typed: newest, start: newest, restored: false };
    const draft = stillThere(found.value.draft, arms, axes);
    return { typed: { ...found.value, draft }, start: found.base, restored: true };
  });
  return {
    draft: typed.draft,
    /** The version it is typed over; null before there is one. */
    version: typed.version || null,
    /** Whether it begins with what was typed before. */
    restored,
    put(part: Partial<Draft>) {
      const next = { ...typed, draft: { ...typed.draft, ...part } };
      set({ typed: next, start, restored });
      keep(key, next, start);
    },
    /** Go on with what was typed, on the newest version. */
    carry() {
      const next = { ...newest, draft: stillThere(carried(typed.draft, start.draft, newest.draft), arms, axes) };
      set({ typed: next, start: newest, restored: false });
      keep(key, next, newest);
    },
    /** Registered: it does not come back. */
    done: () => forget(key),
    /** Thought better of: the form begins anew from the newest version. */
    drop() {
      forget(key);
      set({ typed: newest, start: newest, restored: false });
    },
  };
}
