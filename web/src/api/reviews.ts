import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Review, ReviewQueueEntry } from "./types";

export const reviewQueueQuery = queryOptions({
  queryKey: ["reviews", "queue"],
  queryFn: ({ signal }) => api.get<ReviewQueueEntry[]>("/reviews/queue", { signal }),
});

export function reviewsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "reviews"],
    queryFn: ({ signal }) => api.get<Review[]>(`/comparisons/${comparison}/reviews`, { signal }),
  });
}

export function useReview(comparison: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { decision: "accept" | "return"; comments: string }) =>
      api.post<Review>(`/comparisons/${comparison}/reviews`, { body }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["reviews"] }),
        client.invalidateQueries({ queryKey: ["comparison", comparison] }),
      ]),
  });
}
