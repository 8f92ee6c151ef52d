import type { Side } from "../../api/types";
import { jumped } from "./links";

/** Where a link into the transcripts leads: a step of one side, which is scrolled to and marked. */
export interface TranscriptTarget {
  comparison: string;
  turn: number;
  side: Side;
  /** As the transcript numbers them, within the side's last attempt, from 1. */
  step: number;
}

/** The one way to link to a step: `<Link {...stepLink(target)}>` or `navigate(stepLink(target))`. */
export function stepLink({ comparison, turn, side, step }: TranscriptTarget) {
  return {
    to: "/comparisons/$id" as const,
    params: { id: comparison },
    state: jumped,
    search: { turn, view: "transcript", side, step },
  };
}

/** Reads a step from an address, typed by whomever. */
export function readStep(search: Record<string, unknown>): { step?: number } {
  const { step } = search;
  return typeof step === "number" && Number.isSafeInteger(step) && step > 0 ? { step } : {};
}
