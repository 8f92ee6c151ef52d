import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../../api/client";
import type { RatingAnswers, SubmissionProblem } from "../../../api/types";

const NONE: SubmissionProblem[] = [];
const PAUSE = 900;
/** They speak of what is still missing; while somebody writes that is no news. */
const TOO_EARLY = new Set([
  "justification-too-short",
  "strengths-only-for-the-loser",
  "weaknesses-only-for-the-winner",
]);

/** What the checker finds in the answers as they stand, a moment after the last key. */
export function useFindings(comparison: string, turn: number, answers: RatingAnswers, complete: boolean) {
  const [settled] = useDebouncedValue(answers, PAUSE);
  const query = useQuery({
    queryKey: ["comparison", comparison, "findings", turn, settled],
    queryFn: async ({ signal }) => {
      const path = `/comparisons/${comparison}/turns/${turn}/rating/check`;
      return (await api.post<{ problems: SubmissionProblem[] }>(path, { body: settled, signal })).problems;
    },
    enabled: settled.justification.trim() !== "" || settled.verdict !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  const found = query.data ?? NONE;
  return complete ? found : found.filter((finding) => !TOO_EARLY.has(finding.code));
}

/** The same for the next prompt. */
export function usePromptFindings(comparison: string, prompt: string): SubmissionProblem[] {
  const [settled] = useDebouncedValue(prompt, PAUSE);
  const query = useQuery({
    queryKey: ["comparison", comparison, "prompt-findings", settled],
    queryFn: async ({ signal }) => {
      const path = `/comparisons/${comparison}/follow-up/check`;
      return (await api.post<{ problems: SubmissionProblem[] }>(path, { body: { prompt: settled }, signal })).problems;
    },
    enabled: settled.trim().length > 12,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  return settled.trim().length > 12 ? (query.data ?? NONE) : NONE;
}
