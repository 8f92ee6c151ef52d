import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type PatchRequest, patchQuery } from "../../api/comparisons";
import { type ParsedFile, parsePatch } from "../../components/diff";

export type PatchState =
  | { kind: "loading" }
  | { kind: "failed"; error: unknown; retry: () => void }
  | { kind: "ready"; text: string; files: ParsedFile[] };

/** A patch's text and its files; parsed once per text. */
export function usePatch(request: PatchRequest, enabled: boolean): PatchState {
  const query = useQuery({ ...patchQuery(request), enabled });
  const text = query.data;
  const key = `${request.comparison}/${request.turn}/${request.from}/${request.to}/${request.ignoreWhitespace}`;
  const files = useMemo(() => (text === undefined ? [] : parsePatch(text, key)), [text, key]);
  if (text === undefined) {
    if (query.error) return { kind: "failed", error: query.error, retry: () => void query.refetch() };
    return { kind: "loading" };
  }
  return { kind: "ready", text, files };
}
