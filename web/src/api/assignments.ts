import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Assignment, CurrentAssignment } from "./types";

export function assignmentQuery(campaignId: string) {
  return queryOptions({
    queryKey: ["assignments", campaignId],
    queryFn: ({ signal }) => api.get<CurrentAssignment>(`/campaigns/${campaignId}/assignment`, { signal }),
  });
}

/** Asking twice gives the same assignment, so these need no idempotency key. */
export function useAsk(campaignId: string) {
  return useAssignmentAction(campaignId, () => api.post<Assignment>(`/campaigns/${campaignId}/assignment`));
}

export function useBegin(campaignId: string) {
  return useAssignmentAction(campaignId, (id: string) => api.post<Assignment>(`/assignments/${id}/begin`));
}

export function useSkip(campaignId: string) {
  return useAssignmentAction(campaignId, ({ id, reason }: { id: string; reason: string }) =>
    api.post<Assignment>(`/assignments/${id}/skip`, { body: { reason } }),
  );
}

function useAssignmentAction<Wish>(campaignId: string, mutationFn: (wish: Wish) => Promise<Assignment>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    // Also after a refusal: it may be that somebody else was faster, or that the time was over.
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["assignments", campaignId] }),
        client.invalidateQueries({ queryKey: ["comparisons"], exact: true }),
      ]),
  });
}
