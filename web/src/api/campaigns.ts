import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import { pagedQuery } from "./pages";
import type { Campaign, CampaignSummary } from "./types";

export function campaignPages(filter: { search: string; status: string; limit: number }) {
  const { search, status, limit } = filter;
  return pagedQuery<CampaignSummary>({
    key: ["campaigns", "pages"],
    path: "/campaigns",
    query: { search: search || undefined, status: status || undefined, limit },
  });
}

export function campaignQuery(id: string) {
  return queryOptions({
    queryKey: ["campaigns", id],
    enabled: id !== "",
    queryFn: ({ signal }) => api.get<Campaign>(`/campaigns/${id}`, { signal }),
  });
}
