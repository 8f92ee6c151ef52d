import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { logReader } from "../../api/comparisons";
import { followEvents } from "../../api/event-stream";
import type { ComparisonEvent, Side } from "../../api/types";
import { sharedReader, TranscriptFeed } from "../../components/transcript/feed";

export interface Live {
  feeds: Record<Side, TranscriptFeed>;
  /** False when the connection has been away long enough to be worth a word. */
  connected: boolean;
}

/** A stream ends now and then by itself and is resumed at once: that is no interruption. */
const PATIENCE_MS = 1500;
const AGAIN_MS = 2000;

/**
 * Follows a turn while it runs: reloads the comparison when its state changes and, where both may be watched, folds the
 * agents' events per side. What was there before is read in pages, its end first; the stream goes on from there.
 */
export function useLive(comparison: string, turn: number, watching: boolean): Live {
  const client = useQueryClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn's transcript begins anew
  const feeds = useMemo(() => ({ A: new TranscriptFeed(), B: new TranscriptFeed() }), [comparison, turn]);
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    const abort = new AbortController();
    let away: ReturnType<typeof setTimeout> | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    const reload = () => {
      void client.invalidateQueries({ queryKey: ["comparison", comparison], exact: true });
      void client.invalidateQueries({ queryKey: ["comparison", comparison, "ratings"] });
    };
    let waiting: ComparisonEvent[] = [];
    const appendWaiting = () => {
      const events = waiting;
      waiting = [];
      feeds.B.append(events);
    };
    const onEvents = (events: ComparisonEvent[]) => {
      const own = events.filter((event) => event.turn === turn);
      const of = (side: Side) => own.filter((event) => event.side === side);
      feeds.A.append(of("A"));
      // Each in a frame of its own: drawing both anew takes longer than a frame lasts. None comes to a page that is not seen.
      waiting.push(...of("B"));
      if (document.hidden) appendWaiting();
      else requestAnimationFrame(appendWaiting);
      if (own.some((event) => event.kind === "turn_status" || event.kind === "rollout_status")) reload();
    };
    const onConnected = (now: boolean) => {
      clearTimeout(away);
      away = undefined;
      if (now) setConnected(true);
      else away = setTimeout(() => setConnected(false), PATIENCE_MS);
    };
    const onRefused = () => {
      void client.invalidateQueries({ queryKey: ["session"] });
      reload(); // one who has very many pages open gets no stream here: what has changed is asked for instead
    };
    const follow = (after: number) => {
      stop = followEvents(comparison, after, { onEvents, onConnected, onRefused });
      // What changed between the comparison's own answer and the stream's beginning.
      reload();
    };
    const begin = async () => {
      try {
        // Where nothing of the sides is told, the log is short: it is followed from its beginning.
        const after = watching ? await readPast() : 0;
        if (!abort.signal.aborted) follow(after);
      } catch {
        if (abort.signal.aborted) return;
        onConnected(false);
        again = setTimeout(() => void begin(), AGAIN_MS);
      }
    };
    /** Resolves when the end is known; the rest of the past is read behind it. */
    const readPast = async () => {
      const read = sharedReader(logReader(comparison));
      const ends = (["A", "B"] as const).map(
        (side) =>
          new Promise<number>((resolve, reject) => {
            const feed = feeds[side];
            const mine = (event: ComparisonEvent) => event.turn === turn && event.side === side;
            void feed
              .loadFromEnd(read, abort.signal, { mine, onEnd: resolve })
              .then(() => feed.state.kind === "failed" && reject(feed.state.error));
          }),
      );
      return Math.min(...(await Promise.all(ends)));
    };
    void begin();
    return () => {
      abort.abort();
      clearTimeout(away);
      clearTimeout(again);
      stop?.();
    };
  }, [comparison, turn, watching, client, feeds]);
  return { feeds, connected };
}
