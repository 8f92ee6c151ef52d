import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import { pagedQuery } from "./pages";
import type { components } from "./schema";

/** Who does what in a campaign, and what was made of it: for operators alone. */

type Schemas = components["schemas"];

export type Assignments = Schemas["AssignmentsOut"];
export type Held = Schemas["HeldOut"];
export type Gold = Schemas["GoldOut"];
export type Policy = Schemas["AssignmentPolicy"];
export type Disagreement = Schemas["DisagreementOut"];
export type Judgements = Schemas["JudgementsOut"];
export type Judgement = Schemas["JudgementOut"];
export type Adjudication = Schemas["AdjudicationOut"];
export type Said = Judgement["said"];

export function disagreementsQuery(campaign: string) {
  return queryOptions({
    queryKey: ["campaigns", campaign, "disagreements"],
    queryFn: ({ signal }) => api.get<Disagreement[]>(`/campaigns/${campaign}/disagreements`, { signal }),
  });
}

export function judgementsQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparisons", comparison, "judgements"],
    queryFn: ({ signal }) => api.get<Judgements>(`/comparisons/${comparison}/judgements`, { signal }),
  });
}

export function useAdjudicate(campaign: string, comparison: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { said?: Said; send_back?: string; reason: string }) =>
      api.post<Judgements>(`/comparisons/${comparison}/adjudication`, { body }),
    onSuccess: (found) => client.setQueryData(judgementsQuery(comparison).queryKey, found),
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns", campaign, "disagreements"] }),
  });
}

export type Rejection = Schemas["RejectionOut"];
export type Became = Rejection["became"];

export function rejectionPages(campaign: string, filter: { search: string; became: string }) {
  return pagedQuery<Rejection>({
    key: ["campaigns", campaign, "rejections"],
    path: `/campaigns/${campaign}/rejections`,
    query: { search: filter.search || undefined, became: filter.became || undefined },
  });
}

export function rejectionCountsQuery(campaign: string) {
  return queryOptions({
    queryKey: ["campaigns", campaign, "rejections", "counts"],
    queryFn: ({ signal }) =>
      api.get<Schemas["RejectionCount"][]>(`/campaigns/${campaign}/rejections/counts`, { signal }),
  });
}

export type WaitingDisputes = Schemas["WaitingDisputes"];

/** Disputes that nobody has decided on, by campaign. What is decided in this window is gone from it at once. */
export const waitingDisputesQuery = queryOptions({
  queryKey: ["reviews", "disputes"],
  queryFn: ({ signal }) => api.get<WaitingDisputes[]>("/reviews/disputes", { signal }),
  refetchInterval: 60_000,
});

export function useRelease(campaign: string) {
  return useAssignmentsAction(campaign, ({ id, reason }: { id: string; reason: string }) =>
    api.post(`/assignments/${id}/release`, { body: { reason } }),
  );
}

export interface GoldWish {
  comparison: string;
  expected: "A" | "B";
  min_strength: number;
  axis: string | null;
  reason: string;
}

export function useMarkGold(campaign: string) {
  return useAssignmentsAction(campaign, ({ comparison, ...body }: GoldWish) =>
    api.put(`/comparisons/${comparison}/gold`, { body }),
  );
}

export function useRevokeGold(campaign: string) {
  return useAssignmentsAction(campaign, (comparison: string) => api.delete(`/comparisons/${comparison}/gold`));
}

/** Only what changed is sent: what another operator changed meanwhile stays. */
export function useChangePolicy(campaign: string) {
  return useAssignmentsAction(campaign, (assignment: Partial<Policy>) =>
    api.patch(`/campaigns/${campaign}`, { body: { assignment } }),
  );
}

function useAssignmentsAction<Wish>(campaign: string, mutationFn: (wish: Wish) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns", campaign, "assignments"] }),
  });
}
