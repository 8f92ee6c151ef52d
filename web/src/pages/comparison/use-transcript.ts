import { useEffect, useState } from "react";
import { transcriptReader } from "../../api/comparisons";
import type { Side } from "../../api/types";
import { TranscriptFeed } from "../../components/transcript/feed";
import { keepTranscript, keptTranscript } from "../../components/transcript/kept-feeds";

/** A finished side's transcript. `retry` reads it again after a failure. */
export function useTranscript(
  comparison: string,
  turn: number,
  side: Side,
  attempt: number,
): { feed: TranscriptFeed; retry: () => void } {
  const key = `${comparison}/${turn}/${side}/${attempt}`;
  const [attempts, setAttempts] = useState(0);
  const [feed, setFeed] = useState(() => keptTranscript(key) ?? new TranscriptFeed());
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempts` is how a retry is asked for
  useEffect(() => {
    const known = keptTranscript(key);
    if (known) {
      setFeed(known);
      return;
    }
    const abort = new AbortController();
    const fresh = new TranscriptFeed();
    setFeed(fresh);
    void fresh.loadFromStart(transcriptReader(comparison, turn, side), abort.signal).then(() => {
      if (fresh.state.kind === "whole") keepTranscript(key, fresh);
    });
    return () => abort.abort();
  }, [key, comparison, turn, side, attempts]);
  return { feed, retry: () => setAttempts((before) => before + 1) };
}
