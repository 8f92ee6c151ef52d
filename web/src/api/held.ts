import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { components } from "./schema";

/** Values that may be secrets and hold rows of datasets back: for operators alone. */

type Schemas = components["schemas"];

export type HeldCampaign = Schemas["HeldCampaignOut"];
export type HeldValue = Schemas["HeldValueOut"];
export type HeldPlace = Schemas["HeldPlaceOut"];
export type HeldWaiting = Schemas["HeldWaiting"];
export type HeldDecision = Schemas["HeldDecision"];

export const heldQuery = queryOptions({
  queryKey: ["datasets", "held"],
  queryFn: ({ signal }) => api.get<HeldCampaign[]>("/datasets/held", { signal }),
});

export const heldWaitingQuery = queryOptions({
  queryKey: ["datasets", "held", "waiting"],
  queryFn: ({ signal }) => api.get<HeldWaiting[]>("/datasets/held/waiting", { signal }),
  refetchInterval: 60_000,
});

/** Decides on values, all or none; what was decided by others meanwhile is refused, and then shown. */
export function useDecideHeld(campaign: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (decisions: HeldDecision[]) =>
      api.post<HeldCampaign>(`/datasets/held/${campaign}`, { body: { decisions } }),
    onSuccess: (found) =>
      client.setQueryData(heldQuery.queryKey, (known) =>
        known?.map((one) => (one.campaign_id === found.campaign_id ? found : one)),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["datasets"] }),
  });
}
