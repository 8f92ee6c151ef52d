import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type PatchRequest, patchQuery } from "../../api/comparisons";
import { type ParsedFile, parseInSlices } from "../../components/diff";

export type PatchState =
  | { kind: "loading" }
  | { kind: "failed"; error: unknown; retry: () => void }
  | ({ kind: "ready" } & ReadPatch);

interface ReadPatch {
  text: string;
  files: ParsedFile[];
  /** False while these are the first files only, so that they can be drawn already. */
  complete: boolean;
}

/** A patch and its files: parsed once, and kept as long as the text, so that other views can be visited meanwhile. */
export function parsedQuery(request: PatchRequest) {
  const patch = patchQuery(request);
  return queryOptions<ReadPatch>({
    queryKey: [...patch.queryKey, "parsed"],
    // One whose reading was given up is read again.
    staleTime: (query) => (query.state.data?.complete ? Number.POSITIVE_INFINITY : 0),
    // The viewer completes what it was given in place: it must stay the same object.
    structuralSharing: false,
    queryFn: async ({ client, signal, queryKey }): Promise<ReadPatch> => {
      const text = await client.ensureQueryData(patch);
      const first = (files: ParsedFile[]) => client.setQueryData<ReadPatch>(queryKey, { text, files, complete: false });
      return { text, files: await parseInSlices(text, patch.queryKey.join("/"), signal, first), complete: true };
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
