import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "./client";
import { datasetPath, type Split } from "./datasets";
import type { components } from "./schema";
import type { Side } from "./types";

type Schemas = components["schemas"];

export type Row = Schemas["RowOut"];
export type RowSide = Schemas["RowSideOut"];
export type RowRating = Schemas["RowRatingOut"];
export type RowMessages = Schemas["RowMessagesOut"];
/** What was said before both sides, or by one of them. */
export type RowPart = "prompt" | "a" | "b";

export type RowsFound = Schemas["RowsOut"];
export type RowLine = Schemas["RowLineOut"];
export type FacetFound = Schemas["FacetOut"];

/** What rows have to be: of each facet one of the values that `facet=value` names, and what they have to say. */
export interface Among {
  where?: string[];
  q?: string;
}

/** A row by its id, or by its place in a split. */
export type RowWanted = { row: string } | { split: Split; number: number };

/** A dataset is frozen: what was read of it once stays true. */
const FROZEN = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;

export function rowQuery(dataset: string, wanted: RowWanted, { where, q }: Among = {}) {
  return queryOptions({
    queryKey: ["datasets", dataset, "row", wanted, where ?? [], q ?? ""],
    queryFn: ({ signal }) => api.get<Row>(`${datasetPath(dataset)}/row`, { query: { ...wanted, where, q }, signal }),
    ...FROZEN,
  });
}

/** How many rows a list shows at a time. */
export const ROWS_AT_A_TIME = 25;
const ASK_AGAIN_MS = 500;

export function rowsQuery(dataset: string, { where, q }: Among, start: number) {
  return queryOptions({
    queryKey: ["datasets", dataset, "rows", where ?? [], q ?? "", start],
    queryFn: ({ signal }) =>
      api.get<RowsFound>(`${datasetPath(dataset)}/rows`, {
        query: { where, q, start, count: ROWS_AT_A_TIME },
        signal,
      }),
    placeholderData: keepPreviousData,
    retry: false,
    // While every row is read for the first time the answer is how far that is.
    refetchInterval: ({ state }) => (state.data?.state === "reading" && !state.error ? ASK_AGAIN_MS : false),
  });
}

export function rowMessages(dataset: string, row: string, part: RowPart, start: number, signal: AbortSignal) {
  return api.get<RowMessages>(`${datasetPath(dataset)}/row/messages`, {
    query: { row, part, start },
    signal,
  });
}

export function rowPatch(dataset: string, row: string, side: Side, signal: AbortSignal): AsyncIterable<string> {
  return api.pieces(`${datasetPath(dataset)}/row/patch`, {
    query: { row, side: side.toLowerCase() },
    signal,
  });
}

export function rowJsonQuery(dataset: string, row: string) {
  return queryOptions({
    queryKey: ["datasets", dataset, "row", row, "json"],
    queryFn: ({ signal }) => api.text(`${datasetPath(dataset)}/row/json`, { query: { row }, signal }),
    ...FROZEN,
    // A row may have megabytes: what nobody looks at is let go.
    gcTime: 30_000,
  });
}

export function rowJsonUrl(dataset: string, row: string): string {
  return apiUrl(`${datasetPath(dataset)}/row/json`, { row });
}

export function rowPatchUrl(dataset: string, row: string, side: Side): string {
  return apiUrl(`${datasetPath(dataset)}/row/patch`, { row, side: side.toLowerCase() });
}
