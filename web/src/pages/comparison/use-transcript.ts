import { useEffect, useState } from "react";
import { transcriptReader } from "../../api/comparisons";
import type { Side } from "../../api/types";
import { TranscriptFeed } from "../../components/transcript/feed";

interface Kept {
  feed: TranscriptFeed;
  used: number;
}

/** Transcripts that were read whole, the last used: going back to a tab must not read a hundred thousand events again. */
const kept = new Map<string, Kept>();
const MOST_KEPT = 4;
let uses = 0;

/** Another person's transcripts must not be seen after a change of person. */
export function forgetTranscripts(): void {
  kept.clear();
}

function keep(key: string, feed: TranscriptFeed): void {
  kept.set(key, { feed, used: ++uses });
  if (kept.size <= MOST_KEPT) return;
  const [oldest] = [...kept].sort(([, a], [, b]) => a.used - b.used);
  if (oldest) kept.delete(oldest[0]);
}

/** A finished side's transcript. `retry` reads it again after a failure. */
export function useTranscript(
  comparison: string,
  turn: number,
  side: Side,
  attempt: number,
): { feed: TranscriptFeed; retry: () => void } {
  const key = `${comparison}/${turn}/${side}/${attempt}`;
  const [attempts, setAttempts] = useState(0);
  const [feed, setFeed] = useState(() => kept.get(key)?.feed ?? new TranscriptFeed());
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempts` is how a retry is asked for
  useEffect(() => {
    const known = kept.get(key);
    if (known) {
      known.used = ++uses;
      setFeed(known.feed);
      return;
    }
    const abort = new AbortController();
    const fresh = new TranscriptFeed();
    setFeed(fresh);
    void fresh.loadFromStart(transcriptReader(comparison, turn, side), abort.signal).then(() => {
      if (fresh.state.kind === "whole") keep(key, fresh);
    });
    return () => abort.abort();
  }, [key, comparison, turn, side, attempts]);
  return { feed, retry: () => setAttempts((before) => before + 1) };
}
