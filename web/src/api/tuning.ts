import { queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type TuningRunRow = Schemas["TuningRunRow"];
export type TuningRun = Schemas["TuningRunOut"];
export type TuningState = TuningRunRow["state"];
export type MetricPoint = Schemas["MetricPoint"];
export type Measured = Schemas["IntervalOut"];

const LIVE_MS = 3000;
const CALM_MS = 30_000;

export const tuningRunsQuery = queryOptions({
  queryKey: ["tuning-runs"],
  queryFn: ({ signal }) => api.get<TuningRunRow[]>("/tuning-runs", { signal }),
  refetchInterval: ({ state }) => (state.data?.some((run) => run.state === "training") ? LIVE_MS : CALM_MS),
});

export function tuningRunQuery(id: string) {
  return queryOptions({
    queryKey: ["tuning-runs", id],
    queryFn: ({ signal }) => api.get<TuningRun>(`/tuning-runs/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "training" ? LIVE_MS : CALM_MS),
  });
}
