import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../../api/client";
import type { RatingAnswers, SubmissionProblem } from "../../../api/types";

export interface Found {
  problems: SubmissionProblem[];
  /** Fields whose text is in a language that the checker can't read. */
  unread: string[];
}

const NONE: Found = { problems: [], unread: [] };
const PAUSE = 900;
/** They speak of what is still missing; while somebody writes that is no news. */
const TOO_EARLY = new Set([
  "justification-too-short",
  "strengths-only-for-the-loser",
  "weaknesses-only-for-the-winner",
]);

/** What the checker finds in the answers as they stand, a moment after the last key. */
export function useFindings(comparison: string, turn: number, answers: RatingAnswers, complete: boolean): Found {
  const [settled] = useDebouncedValue(answers, PAUSE);
  const query = useQuery({
    queryKey: ["comparison", comparison, "findings", turn, settled],
    queryFn: ({ signal }) => {
      const path = `/comparisons/${comparison}/turns/${turn}/rating/check`;
      return api.post<Found>(path, { body: settled, signal });
    },
    enabled: settled.justification.trim() !== "" || settled.verdict !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  const { problems, unread } = query.data ?? NONE;
  return { problems: complete ? problems : problems.filter((finding) => !TOO_EARLY.has(finding.code)), unread };
}

/** The same for the next prompt. */
export function usePromptFindings(comparison: string, prompt: string): Found {
  const [settled] = useDebouncedValue(prompt, PAUSE);
  const query = useQuery({
    queryKey: ["comparison", comparison, "prompt-findings", settled],
    queryFn: ({ signal }) => {
      const path = `/comparisons/${comparison}/follow-up/check`;
      return api.post<Found>(path, { body: { prompt: settled }, signal });
    },
    enabled: settled.trim().length > 12,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  return settled.trim().length > 12 ? (query.data ?? NONE) : NONE;
}
