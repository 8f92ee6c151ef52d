import { useNavigate } from "@tanstack/react-router";
import type { SubmissionProblem } from "../../../api/types";
import { CITING_FIELDS } from "./cited-places";
import { useComments } from "./comments";
import { goToField } from "./go-to";

/** What a finding is about, in words; null: the comparison as a whole. */
export function placeWords({ turn, field }: Pick<SubmissionProblem, "turn" | "field">): string | null {
  if (turn === null) return null;
  if (field === null) return `turn ${turn}`;
  return `${fieldWords(field)} in turn ${turn}`;
}

/** A field's name as its reader knows it. */
export function fieldWords(field: string): string {
  if (field.startsWith("axes.")) return field.slice(5).replaceAll("_", " ");
  const own: Record<string, string> = {
    overall: "the overall answer",
    verdict: "the overall answer",
    key_axis: "what decided it",
    prompt: "the prompt",
  };
  return own[field] ?? `“${CITING_FIELDS.find((entry) => entry.field === field)?.label ?? field}”`;
}

/** Goes to the turn and the field that a finding names, whichever turn is on the page now. */
export function useGoToFinding(comparison: string): (place: Pick<SubmissionProblem, "turn" | "field">) => void {
  const navigate = useNavigate();
  const { showRating } = useComments();
  return async ({ turn, field }) => {
    const prompt = field === "prompt";
    await navigate({
      to: "/comparisons/$id",
      params: { id: comparison },
      search: (old) => ({ ...old, turn: turn ?? old.turn, ...(prompt ? { view: "brief" } : {}) }),
    });
    if (!prompt) showRating();
    // The overall answer is one control for the score and the verdict.
    if (field !== null) goToField(field === "verdict" ? "overall" : field);
  };
}
