import { queryOptions } from "@tanstack/react-query";
import { transcriptPage } from "../../api/comparisons";
import type { Side } from "../../api/types";
import { appendEvents, EMPTY_TRANSCRIPT } from "../../components/transcript/items";

/** A finished side's whole transcript, read page by page. */
export function transcriptQuery(comparison: string, turn: number, side: Side, attempt: number) {
  return queryOptions({
    queryKey: ["comparison", comparison, "transcript", turn, side, attempt],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      let state = EMPTY_TRANSCRIPT;
      let after = 0;
      for (;;) {
        const page = await transcriptPage(comparison, turn, side, after, signal);
        state = appendEvents(state, page.events);
        // A page without news ends it, whatever the server calls its page size.
        if (page.events.length === 0 || page.last_id <= after) return state;
        after = page.last_id;
      }
    },
  });
}
