import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { Campaign, CampaignSummary } from "./types";

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns"],
  queryFn: ({ signal }) => api.get<CampaignSummary[]>("/campaigns", { signal }),
});

export function campaignQuery(id: string) {
  return queryOptions({
    queryKey: ["campaigns", id],
    enabled: id !== "",
    queryFn: ({ signal }) => api.get<Campaign>(`/campaigns/${id}`, { signal }),
  });
}
