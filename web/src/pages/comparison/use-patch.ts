import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../../api/client";
import { type PatchRequest, patchAddress } from "../../api/first-patches";
import { parseInSlices, type ReadPatch } from "../../components/diff";

export type PatchState =
  | { kind: "loading" }
  | { kind: "failed"; error: unknown; retry: () => void }
  | ({ kind: "ready" } & ReadPatch);

/** A patch and its files: parsed once, while it comes, and kept, so that other views can be visited meanwhile. */
export function parsedQuery(request: PatchRequest) {
  const { comparison, turn, from, to, ignoreWhitespace } = request;
  const { path, query } = patchAddress(request);
  return queryOptions<ReadPatch>({
    queryKey: ["comparison", comparison, "patch", turn, from, to, ignoreWhitespace],
    // One whose reading was given up is read again.
    staleTime: (query) => (query.state.data?.complete ? Number.POSITIVE_INFINITY : 0),
    // The viewer completes what it was given in place: it must stay the same object.
    structuralSharing: false,
    queryFn: ({ client, signal, queryKey }) =>
      parseInSlices(api.pieces(path, { query, signal }), queryKey.join("/"), signal, (first) =>
        client.setQueryData(queryKey, first),
      ),
  });
}

export function usePatch(request: PatchRequest, enabled: boolean): PatchState {
  const { data, error, refetch } = useQuery({ ...parsedQuery(request), enabled });
  return useMemo((): PatchState => {
    // The first files of one that broke off are not all of it.
    if (data !== undefined && (data.complete || !error)) return { kind: "ready", ...data };
    return error ? { kind: "failed", error, retry: () => void refetch() } : { kind: "loading" };
  }, [data, error, refetch]);
}
