import { queryOptions } from "@tanstack/react-query";
import { rowPatch } from "../../../../api/dataset-rows";
import type { Side } from "../../../../api/types";
import { parseInSlices, type ReadPatch } from "../../../../components/diff";

/** What a side of a row changed, parsed once and kept while rows around it are looked at. */
export function patchQuery(dataset: string, row: string, side: Side) {
  return queryOptions<ReadPatch>({
    queryKey: ["datasets", dataset, "row", row, "patch", side],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    // Megabytes of lines: those of rows that were left behind are let go.
    gcTime: 60_000,
    // The viewer completes what it was given in place: it must stay the same object.
    structuralSharing: false,
    queryFn: ({ signal, queryKey }) => parseInSlices(rowPatch(dataset, row, side, signal), queryKey.join("/"), signal),
  });
}
