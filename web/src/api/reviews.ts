import { type InfiniteData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import { type ListPage, pagedQuery, withoutRows } from "./pages";
import type { components } from "./schema";
import type { Reason, Review, ReviewDraft, ReviewQueueEntry, WrittenRemark } from "./types";

type Schemas = components["schemas"];

/** A decision of the reviewer's own, and what became of it. */
export type Decided = Schemas["DecidedEntry"];

export interface Decision {
  decision: "accept" | "return" | "reject";
  comments: string;
  remarks: WrittenRemark[];
  reason?: Reason;
}

export function reviewQueueQuery(search: string) {
  return pagedQuery<ReviewQueueEntry>({
    key: ["reviews", "queue"],
    path: "/reviews/queue",
    query: { search: search || undefined },
    refetchEvery: () => 30_000,
  });
}

/** What I decided, the newest first. */
export function decidedPages(filter: { search: string; decision: string; campaign: string }) {
  return pagedQuery<Decided>({
    key: ["reviews", "decided"],
    path: "/reviews/decided",
    query: {
      search: filter.search || undefined,
      decision: filter.decision || undefined,
      campaign: filter.campaign || undefined,
    },
  });
}

export const decidedCampaignsQuery = queryOptions({
  queryKey: ["reviews", "decided", "campaigns"],
  queryFn: ({ signal }) => api.get<Schemas["DecidedCampaign"][]>("/reviews/decided/campaigns", { signal }),
});

/** The latest first. */
export function reviewsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "reviews"],
    queryFn: ({ signal }) => api.get<Review[]>(`/comparisons/${comparison}/reviews`, { signal }),
  });
}

/** The review as it was last saved. Asked for anew whenever it is opened: another device may have saved since. */
export function reviewDraftQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "review-draft"],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api.get<ReviewDraft>(`/comparisons/${comparison}/reviews/draft`, { signal }),
  });
}

export function saveReviewDraft(
  comparison: string,
  body: { revision: number; comments: string; remarks: WrittenRemark[] },
  keepalive = false,
): Promise<ReviewDraft> {
  return api.put(`/comparisons/${comparison}/reviews/draft`, { body, keepalive });
}

export function useReview(comparison: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Decision) => api.post<Review>(`/comparisons/${comparison}/reviews`, { body }),
    onSuccess: () => {
      // Asked for again only once it is shown, and shown from what was kept until the answer is there.
      client.setQueriesData<InfiniteData<ListPage<ReviewQueueEntry>>>({ queryKey: ["reviews", "queue"] }, (kept) =>
        withoutRows(kept, (entry) => entry.comparison_id === comparison),
      );
      return Promise.all([
        client.invalidateQueries({ queryKey: ["reviews"] }),
        client.invalidateQueries({ queryKey: ["comparison", comparison] }),
      ]);
    },
  });
}

/** Take what was decided back: it waits for a review again. An operator who takes a rejection back says why. */
export function useReopen(comparison: string) {
  return useAboutDecision(comparison, (comments: string) =>
    api.post<Review>(`/comparisons/${comparison}/reviews/reopen`, { body: { comments } }),
  );
}

/** Say why a rejection of my work is wrong: somebody else decides. */
export function useDispute(comparison: string) {
  return useAboutDecision(comparison, (text: string) =>
    api.post<Review>(`/comparisons/${comparison}/dispute`, { body: { text } }),
  );
}

function useAboutDecision(comparison: string, mutationFn: (text: string) => Promise<Review>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    // What somebody else did meanwhile is shown as well, when this was refused for it.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["reviews"] }),
        client.invalidateQueries({ queryKey: ["comparison", comparison] }),
      ]),
  });
}
