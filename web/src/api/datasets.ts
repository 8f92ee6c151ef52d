import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type DatasetRow = Schemas["DatasetRow"];
export type Dataset = Schemas["DatasetOut"];
export type Manifest = Schemas["Manifest"];
export type PreviewRow = Schemas["PreviewRow"];
export type Split = "train" | "test";

/** The canonical rows, where a view is asked for. */
export const ROWS = "rows";

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => api.get<DatasetRow[]>("/datasets", { signal }),
  refetchInterval: 30_000,
});

/** Of the API; an id comes from the address bar, where anybody may have written it. */
export function datasetPath(id: string): string {
  return `/datasets/${encodeURIComponent(id)}`;
}

export function datasetQuery(id: string) {
  return queryOptions({
    queryKey: ["datasets", id],
    queryFn: ({ signal }) => api.get<Dataset>(datasetPath(id), { signal }),
  });
}

export function previewQuery(id: string, view: string, split: Split, start: number) {
  return queryOptions({
    queryKey: ["datasets", id, "preview", view, split, start],
    queryFn: ({ signal }) =>
      api.get<PreviewRow[]>(`${datasetPath(id)}/preview`, {
        query: { view, split, start, count: 1 },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
}

export function downloadUrl(id: string, view: string, split: Split): string {
  return apiUrl(`${datasetPath(id)}/download`, { view, split });
}
