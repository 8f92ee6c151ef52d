import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, newIdempotencyKey } from "./client";
import { pagedQuery } from "./pages";
import type { Brief, BriefFields, Comparison, Lint } from "./types";

const PREPARING = new Set(["queued", "fetching", "setting_up", "testing"]);

export function isPreparing(brief: Brief): boolean {
  return brief.status === "preparing" || PREPARING.has(brief.preparation.status);
}

/** The first of them, for the palette. */
export const briefsQuery = queryOptions({
  queryKey: ["briefs"],
  queryFn: ({ signal }) => api.get<Brief[]>("/briefs", { signal }),
});

export function briefPages(search: string) {
  return pagedQuery<Brief>({ key: ["brief-pages"], path: "/briefs", query: { search: search || undefined } });
}

function refreshLists(client: QueryClient) {
  return Promise.all([
    client.invalidateQueries({ queryKey: ["briefs"], exact: true }),
    client.invalidateQueries({ queryKey: ["brief-pages"] }),
  ]);
}

export function briefQuery(id: string) {
  return queryOptions({
    queryKey: ["briefs", id],
    queryFn: ({ signal }) => api.get<Brief>(`/briefs/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isPreparing(query.state.data) ? 1000 : false),
  });
}

/** The log from `offset` on, and the offset to go on from, as the server counts. */
export async function preparationLog(
  id: string,
  offset: number,
  signal?: AbortSignal,
): Promise<{ text: string; next: number }> {
  const response = await api.raw(`/briefs/${id}/preparation/log`, { query: { offset }, signal });
  const text = await response.text();
  return { text, next: Number(response.headers.get("X-Next-Offset") ?? offset + text.length) };
}

export function saveBrief(
  id: string,
  revision: number,
  fields: Partial<BriefFields>,
  keepalive = false,
): Promise<Brief> {
  return api.patch<Brief>(`/briefs/${id}`, { body: { revision, ...fields }, keepalive });
}

export function lintQuery(fields: BriefFields) {
  return queryOptions({
    queryKey: ["lints", fields],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: async ({ signal }) => (await api.post<{ lints: Lint[] }>("/briefs/lint", { body: fields, signal })).lints,
  });
}

export function useCreateBrief() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { campaign_id: string; example?: string }) =>
      api.post<Brief>("/briefs", { body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: (brief) => {
      client.setQueryData(["briefs", brief.id], brief);
      return refreshLists(client);
    },
  });
}

export function useDeleteBrief() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/briefs/${id}`),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: ["briefs", id] });
      return refreshLists(client);
    },
  });
}

export function usePrepareBrief(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<Brief>(`/briefs/${id}/prepare`),
    onSuccess: (brief) => client.setQueryData(["briefs", id], brief),
  });
}

/** The key is the brief's: pressing the button twice starts one comparison. */
export function useStartComparison(briefId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      api.post<Comparison>("/comparisons", { body: { brief_id: briefId }, idempotencyKey: `start-${briefId}` }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["briefs"] }),
        client.invalidateQueries({ queryKey: ["brief-pages"] }),
        client.invalidateQueries({ queryKey: ["comparisons"] }),
      ]),
  });
}
