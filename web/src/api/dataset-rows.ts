import { queryOptions } from "@tanstack/react-query";
import { api, apiUrl } from "./client";
import type { Split } from "./datasets";
import type { components } from "./schema";
import type { Side } from "./types";

type Schemas = components["schemas"];

export type Row = Schemas["RowOut"];
export type RowSide = Schemas["RowSideOut"];
export type RowRating = Schemas["RowRatingOut"];
export type RowMessages = Schemas["RowMessagesOut"];
/** What was said before both sides, or by one of them. */
export type RowPart = "prompt" | "a" | "b";

/** A row by its id, or by its place in a split. */
export type RowWanted = { row: string } | { split: Split; number: number };

/** A dataset is frozen: what was read of it once stays true. */
const FROZEN = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;

export function rowQuery(dataset: string, wanted: RowWanted) {
  return queryOptions({
    queryKey: ["datasets", dataset, "row", wanted],
    queryFn: ({ signal }) => api.get<Row>(`/datasets/${dataset}/row`, { query: wanted, signal }),
    ...FROZEN,
  });
}

export function rowMessages(dataset: string, row: string, part: RowPart, start: number, signal: AbortSignal) {
  return api.get<RowMessages>(`/datasets/${dataset}/row/messages`, { query: { row, part, start }, signal });
}

export function rowPatch(dataset: string, row: string, side: Side, signal: AbortSignal): AsyncIterable<string> {
  return api.pieces(`/datasets/${dataset}/row/patch`, { query: { row, side: side.toLowerCase() }, signal });
}

export function rowJsonQuery(dataset: string, row: string) {
  return queryOptions({
    queryKey: ["datasets", dataset, "row", row, "json"],
    queryFn: ({ signal }) => api.text(`/datasets/${dataset}/row/json`, { query: { row }, signal }),
    ...FROZEN,
    // A row may have megabytes: what nobody looks at is let go.
    gcTime: 30_000,
  });
}

export function rowJsonUrl(dataset: string, row: string): string {
  return apiUrl(`/datasets/${dataset}/row/json`, { row });
}

export function rowPatchUrl(dataset: string, row: string, side: Side): string {
  return apiUrl(`/datasets/${dataset}/row/patch`, { row, side: side.toLowerCase() });
}
