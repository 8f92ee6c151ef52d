import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Arm, Invitation, PersonEntry, SystemState } from "./operator-types";
import { pagedQuery } from "./pages";
import type { components } from "./schema";
import type { Role } from "./types";

type Schemas = components["schemas"];

export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => api.get<SystemState>("/system", { signal }),
  refetchInterval: 5000,
});

export function peoplePages(filter: { search: string; role: string }) {
  return pagedQuery<PersonEntry>({
    key: ["people"],
    path: "/people",
    query: { search: filter.search || undefined, role: filter.role || undefined },
  });
}

export const openInvitationPages = pagedQuery<Invitation>({
  key: ["invitations"],
  path: "/invitations",
  query: { state: "open", limit: 5 },
});

export function armsQuery(campaign: string) {
  return queryOptions({
    queryKey: ["campaigns", campaign, "arms"],
    queryFn: ({ signal }) => api.get<Arm[]>(`/campaigns/${campaign}/arms`, { signal }),
  });
}

export function campaignComparisonPages(campaign: string, filter: { search: string; status: string }) {
  return pagedQuery<Schemas["CampaignRow"]>({
    key: ["campaigns", campaign, "comparisons"],
    path: `/campaigns/${campaign}/comparisons`,
    query: { search: filter.search || undefined, status: filter.status || undefined },
  });
}

export function assignmentsQuery(campaign: string) {
  return queryOptions({
    queryKey: ["campaigns", campaign, "assignments"],
    queryFn: ({ signal }) => api.get<Schemas["AssignmentsOut"]>(`/campaigns/${campaign}/assignments`, { signal }),
  });
}

export function usePauseAssignment(campaign: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (assignment: { paused: boolean; pause_reason?: string }) =>
      api.patch(`/campaigns/${campaign}`, { body: { assignment } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns", campaign, "assignments"] }),
  });
}

export function useInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email?: string; roles: Role[]; expires_in_days: number }) =>
      api.post<Invitation>("/invitations", { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["invitations"] }),
  });
}

export function useWithdrawInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/invitations/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["invitations"] }),
  });
}

export function useSetRoles() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, roles }: { id: string; roles: Role[] }) =>
      api.put<PersonEntry>(`/people/${id}/roles`, { body: { roles } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["people"] }),
  });
}

export function useSignInLink() {
  return useMutation({
    mutationFn: (id: string) => api.post<{ url: string }>(`/people/${id}/sign-in-link`),
  });
}

export function useSetCampaignStatus() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, status }: { id: string; status: "open" | "paused" | "closed" }) =>
      api.patch<unknown>(`/campaigns/${id}`, { body: { status } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["campaigns"] }),
  });
}

export function operatorReportQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "operator"],
    queryFn: ({ signal }) => api.get<Schemas["OperatorView"]>(`/comparisons/${comparison}/operator`, { signal }),
  });
}
