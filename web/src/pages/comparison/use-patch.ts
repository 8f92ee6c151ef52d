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
  const { data: text, error, refetch } = useQuery({ ...patchQuery(request), enabled });
  const key = `${request.comparison}/${request.turn}/${request.from}/${request.to}/${request.ignoreWhitespace}`;
  const files = useMemo(() => (text === undefined ? [] : parsePatch(text, key)), [text, key]);
  return useMemo((): PatchState => {
    if (text !== undefined) return { kind: "ready", text, files };
    return error ? { kind: "failed", error, retry: () => void refetch() } : { kind: "loading" };
  }, [text, files, error, refetch]);
}
