import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Comparison, Rating, RatingAnswers, Ratings, SubmissionProblem } from "./types";

export function ratingsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "ratings"],
    queryFn: ({ signal }) => api.get<Ratings>(`/comparisons/${comparison}/ratings`, { signal }),
  });
}

export function saveRatingDraft(
  comparison: string,
  turn: number,
  revision: number,
  answers: RatingAnswers,
  keepalive = false,
): Promise<{ revision: number; saved_at: string }> {
  return api.put(`/comparisons/${comparison}/turns/${turn}/rating/draft`, { body: { revision, answers }, keepalive });
}

export function useRefreshRatings(comparison: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["comparison", comparison], exact: true }),
      client.invalidateQueries({ queryKey: ["comparison", comparison, "ratings"] }),
      client.invalidateQueries({ queryKey: ["comparison", comparison, "problems"] }),
      client.invalidateQueries({ queryKey: ["comparisons"] }),
    ]);
}

export function useRate(comparison: string, turn: number) {
  const refresh = useRefreshRatings(comparison);
  return useMutation({
    mutationFn: (answers: RatingAnswers) =>
      api.post<Rating>(`/comparisons/${comparison}/turns/${turn}/rating`, { body: answers }),
    onSuccess: refresh,
  });
}

export function useUndoRating(comparison: string, turn: number) {
  const refresh = useRefreshRatings(comparison);
  return useMutation({
    mutationFn: () => api.delete(`/comparisons/${comparison}/turns/${turn}/rating`),
    onSettled: refresh,
  });
}

export function submissionProblemsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "problems"],
    staleTime: 0,
    queryFn: async ({ signal }) =>
      (await api.get<{ problems: SubmissionProblem[] }>(`/comparisons/${comparison}/submission/problems`, { signal }))
        .problems,
  });
}

export function useSubmit(comparison: string) {
  const refresh = useRefreshRatings(comparison);
  return useMutation({
    mutationFn: (acknowledged: string[]) =>
      api.post<Comparison>(`/comparisons/${comparison}/submit`, { body: { acknowledged } }),
    onSettled: refresh,
  });
}
