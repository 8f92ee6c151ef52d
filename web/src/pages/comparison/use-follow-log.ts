import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readLog } from "../../api/comparisons";
import { followEvents } from "../../api/event-stream";
import type { ComparisonEvent } from "../../api/types";

/** What tells that a page of a turn that is over shows something old. */
const NEWS = new Set(["rating", "turn_status", "comparison_status", "check"]);
/** Behind every event there is: the log's end is asked for by it. */
const END = Number.MAX_SAFE_INTEGER;
const AGAIN_MS = 5000;

/**
 * While no turn runs the log still tells what happens elsewhere: a rating given or taken back in another tab or on another
 * device, the next prompt sent, a review. The page then shows it without being loaded again. Only while it is seen: a
 * browser keeps six connections to a host, and a tab in the background needs none to be up to date once it is looked at.
 */
export function useFollowLog(comparison: string, following: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!following) return;
    let abort = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    const reload = () => {
      for (const what of [[], ["ratings"], ["reviews"]])
        void client.invalidateQueries({ queryKey: ["comparison", comparison, ...what], exact: true });
    };
    const onEvents = (events: ComparisonEvent[]) => {
      if (events.some((event) => NEWS.has(event.kind))) reload();
    };
    const onConnected = () => {};
    // An address that refuses the stream may mean that the sign-in is over: the session is asked.
    const onRefused = () => {
      void client.invalidateQueries({ queryKey: ["session"] });
      reload(); // one who has very many pages open gets no stream here: what has changed is asked for instead
    };
    const begin = async () => {
      const { signal } = abort;
      try {
        const { last_id } = await readLog(comparison, { before: END, limit: 1 }, signal);
        if (signal.aborted) return;
        stop = followEvents(comparison, last_id, { onEvents, onConnected, onRefused });
        // What happened between the page's own requests and the beginning of the stream.
        reload();
      } catch {
        if (!signal.aborted) again = setTimeout(() => void begin(), AGAIN_MS);
      }
    };
    const end = () => {
      abort.abort();
      clearTimeout(again);
      stop?.();
      stop = undefined;
    };
    const onVisibility = () => {
      end();
      if (document.visibilityState === "hidden") return;
      abort = new AbortController();
      void begin();
    };
    if (document.visibilityState !== "hidden") void begin();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      end();
    };
  }, [comparison, following, client]);
}
