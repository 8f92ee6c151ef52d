import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { ApiToken, FreshApiToken } from "./types";

export const tokensQuery = queryOptions({
  queryKey: ["api-tokens"],
  queryFn: ({ signal }) => api.get<ApiToken[]>("/api-tokens", { signal }),
});

export function useMakeToken() {
  const client = useQueryClient();
  return useMutation({
    // No idempotency key: the answer holds a secret, and the server keeps none of those.
    mutationFn: (name: string) => api.post<FreshApiToken>("/api-tokens", { body: { name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
}

export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/api-tokens/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
}
