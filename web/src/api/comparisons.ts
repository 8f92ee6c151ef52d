import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, newIdempotencyKey } from "./client";
import type { At, PatchRequest } from "./first-patches";
import { pagedQuery } from "./pages";
import type { components } from "./schema";
import type { Comparison, ComparisonSummary, EventPage, FollowUpDraft, FollowUpText, Side, Turn } from "./types";

export { isShown } from "./first-patches";
export type { At, PatchRequest };

/** The first of them, for the palette. */
export const comparisonsQuery = queryOptions({
  queryKey: ["comparisons"],
  queryFn: ({ signal }) => api.get<ComparisonSummary[]>("/comparisons", { signal }),
  refetchInterval: (query) => (query.state.data?.some((entry) => entry.status === "running") ? 5000 : false),
});

export type Earnings = components["schemas"]["EarningsOut"];

/** What my comparisons come to; reviews come in meanwhile. */
export const earningsQuery = queryOptions({
  queryKey: ["comparisons", "earnings"],
  queryFn: ({ signal }) => api.get<Earnings>("/comparisons/earnings", { signal }),
  refetchInterval: 60_000,
});

export function comparisonPages(filter: { search: string; status: string }) {
  return pagedQuery<ComparisonSummary>({
    key: ["comparisons", "pages"],
    path: "/comparisons",
    query: { search: filter.search || undefined, status: filter.status || undefined },
    refetchEvery: (rows) => (rows.some((entry) => entry.status === "running") ? 5000 : false),
  });
}

export function isWorking(turn: Turn): boolean {
  return turn.status === "queued" || turn.status === "running";
}

function isMoving(turn: Turn): boolean {
  return isWorking(turn) || turn.status === "checking";
}

export function comparisonQuery(id: string) {
  return queryOptions({
    queryKey: ["comparison", id],
    queryFn: ({ signal }) => api.get<Comparison>(`/comparisons/${id}`, { signal }),
    // The event stream announces changes; the slow poll is for the day it does not get through.
    refetchInterval: (query) => (query.state.data?.turns.some(isMoving) ? 3000 : false),
  });
}

/** One whole file. `side`: whose start is meant by "start", where each side began from its own. */
export function fetchBlob(comparison: string, turn: number, at: At, path: string, side?: Side): Promise<string> {
  return api.text(`/comparisons/${comparison}/turns/${turn}/blob`, { query: { at, path, side } });
}

/** A file's bytes, for what is not text. */
export async function fetchBytes(place: FilePlace, signal?: AbortSignal): Promise<ArrayBuffer> {
  const { comparison, turn, at, path, side } = place;
  const query = { at, path, side };
  return (await api.raw(`/comparisons/${comparison}/turns/${turn}/blob`, { query, signal })).arrayBuffer();
}

/** One file at a point of a turn. */
export interface FilePlace {
  comparison: string;
  turn: number;
  at: At;
  path: string;
  side?: Side;
}

export function bytesQuery(place: FilePlace) {
  const { comparison, turn, at, path, side } = place;
  return queryOptions({
    queryKey: ["comparison", comparison, "blob", turn, at, side ?? "A", path],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: ({ signal }) => fetchBytes(place, signal),
  });
}

export interface TreeFile {
  path: string;
  mode: string;
  size: number | null;
  id: string;
}

export function treeQuery(comparison: string, turn: number, at: At) {
  return queryOptions({
    queryKey: ["comparison", comparison, "tree", turn, at],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      api.get<{ files: TreeFile[]; complete: boolean }>(`/comparisons/${comparison}/turns/${turn}/tree`, {
        query: { at },
        signal,
      }),
  });
}

export interface FoundLine {
  path: string;
  line: number;
  text: string;
}

export interface TextSearch {
  text: string;
  matchCase: boolean;
  words: boolean;
}

export function searchQuery(comparison: string, turn: number, at: At, search: TextSearch) {
  const { text, matchCase, words } = search;
  return queryOptions({
    queryKey: ["comparison", comparison, "search", turn, at, text, matchCase, words],
    staleTime: Number.POSITIVE_INFINITY,
    enabled: text.length > 0,
    queryFn: ({ signal }) =>
      api.get<{ lines: FoundLine[]; complete: boolean }>(`/comparisons/${comparison}/turns/${turn}/search`, {
        query: { at, text, case: matchCase ? "match" : "ignore", words: words ? "true" : undefined },
        signal,
      }),
  });
}

/** A file that one person has read: its content as the patch names it, so that a changed file is unread again. */
export interface ViewedMark {
  side: Side | "between";
  path: string;
  content: string;
}

export function viewedQuery(comparison: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "viewed"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api.get<ViewedMark[]>(`/comparisons/${comparison}/viewed`, { signal }),
  });
}

export function saveViewed(comparison: string, body: { turn: number; marks: ViewedMark[]; viewed: boolean }) {
  return api.put<void>(`/comparisons/${comparison}/viewed`, { body });
}

/** Where a browser can download a check's log. */
export function checkLogAddress(comparison: string, check: string): string {
  return `/api/v1/comparisons/${comparison}/checks/${check}/log`;
}

export function checkLogQuery(comparison: string, check: string) {
  return queryOptions({
    queryKey: ["comparison", comparison, "check-log", check],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api.text(`/comparisons/${comparison}/checks/${check}/log`, { signal }),
  });
}

/** Reads a side's transcript: from an event on, or the last events before one. */
export function transcriptReader(comparison: string, turn: number, side: Side) {
  return (range: { after?: number; before?: number; limit: number }, signal: AbortSignal) =>
    api.get<EventPage>(`/comparisons/${comparison}/turns/${turn}/transcript`, { query: { side, ...range }, signal });
}

interface LogRange {
  after?: number;
  before?: number;
  limit: number;
}

/** A part of the log of both sides. */
export function readLog(comparison: string, range: LogRange, signal: AbortSignal): Promise<EventPage> {
  return api.get(`/comparisons/${comparison}/events`, { query: { ...range }, signal });
}

/** Reads the log of both sides in the same way. */
export function logReader(comparison: string) {
  return (range: LogRange, signal: AbortSignal) => readLog(comparison, range, signal);
}

/** `before`: what it said when it was last read; if it says something else by now, this is refused. */
export function saveExpectation(
  comparison: string,
  turn: number,
  text: string,
  before: string,
  keepalive = false,
): Promise<unknown> {
  return api.put(`/comparisons/${comparison}/turns/${turn}/expectation`, { body: { text, before }, keepalive });
}

/** The next prompt as it was last saved. Asked for anew whenever the form opens: another device may have saved since. */
export function followUpDraftQuery(comparison: string, turn: number) {
  return queryOptions({
    queryKey: ["comparison", comparison, "follow-up-draft", turn],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      api.get<FollowUpDraft>(`/comparisons/${comparison}/turns/${turn}/follow-up/draft`, { signal }),
  });
}

export function saveFollowUpDraft(
  comparison: string,
  turn: number,
  revision: number,
  text: FollowUpText,
  keepalive = false,
): Promise<FollowUpDraft> {
  const body = { revision, ...text };
  return api.put(`/comparisons/${comparison}/turns/${turn}/follow-up/draft`, { body, keepalive });
}

function useRefresh(comparison: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["comparison", comparison], exact: true }),
      client.invalidateQueries({ queryKey: ["comparison", comparison, "ratings"] }),
      client.invalidateQueries({ queryKey: ["comparisons"] }),
    ]);
}

export function useTurnAction(comparison: string, turn: number, action: "cancel" | "retry") {
  const refresh = useRefresh(comparison);
  return useMutation({
    mutationFn: () => api.post<unknown>(`/comparisons/${comparison}/turns/${turn}/${action}`),
    onSettled: refresh,
  });
}

export function useFollowUp(comparison: string, onSent: () => void) {
  const refresh = useRefresh(comparison);
  return useMutation({
    mutationFn: (body: { prompt: string; continue_from?: Side | "base" }) =>
      api.post<Turn>(`/comparisons/${comparison}/turns`, { body, idempotencyKey: newIdempotencyKey() }),
    // Not left to mutate(): the form may be gone by then.
    onSuccess: onSent,
    onSettled: refresh,
  });
}
