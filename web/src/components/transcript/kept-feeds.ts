import type { TranscriptFeed } from "./feed";

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

export function keptTranscript(key: string): TranscriptFeed | undefined {
  const known = kept.get(key);
  if (known) known.used = ++uses;
  return known?.feed;
}

export function keepTranscript(key: string, feed: TranscriptFeed): void {
  kept.set(key, { feed, used: ++uses });
  if (kept.size <= MOST_KEPT) return;
  const [oldest] = [...kept].sort(([, a], [, b]) => a.used - b.used);
  if (oldest) kept.delete(oldest[0]);
}
