import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type PatchRequest, patchQuery } from "../../api/comparisons";
import { type ParsedFile, parseInSlices } from "../../components/diff";

export type PatchState =
  | { kind: "loading" }
  | { kind: "failed"; error: unknown; retry: () => void }
  | { kind: "ready"; text: string; files: ParsedFile[] };

/** A patch and its files: parsed once, and kept as long as the text, so that other views can be visited meanwhile. */
export function parsedQuery(request: PatchRequest) {
  const patch = patchQuery(request);
  return queryOptions({
    queryKey: [...patch.queryKey, "parsed"],
    staleTime: Number.POSITIVE_INFINITY,
    // The viewer completes what it was given in place: it must stay the same object.
    structuralSharing: false,
    queryFn: async ({ client, signal }) => {
      const text = await client.ensureQueryData(patch);
      return { text, files: await parseInSlices(text, patch.queryKey.join("/"), signal) };
    },
  });
}

export function usePatch(request: PatchRequest, enabled: boolean): PatchState {
  const { data, error, refetch } = useQuery({ ...parsedQuery(request), enabled });
  return useMemo((): PatchState => {
    if (data !== undefined) return { kind: "ready", ...data };
    return error ? { kind: "failed", error, retry: () => void refetch() } : { kind: "loading" };
  }, [data, error, refetch]);
}
