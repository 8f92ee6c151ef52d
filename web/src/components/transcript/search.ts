import { withoutColours } from "../text/terminal";
import type { TranscriptItem } from "./items";

/** Everything of an item that a reader may search for, in the order in which it is shown. */
export function searchable(item: TranscriptItem): string {
  if (item.type !== "tool") return item.text;
  return [item.title, item.input, item.patch, withoutColours(item.output)].join("\n");
}

const SLICE_MS = 12;

/**
 * Indexes of the items that hold `words`, in order; ignoring case. Long transcripts are searched in slices, so that the page
 * stays fluid meanwhile; null when the search was given up.
 */
export async function searchItems(
  items: readonly TranscriptItem[],
  words: string,
  signal: AbortSignal,
): Promise<number[] | null> {
  const wanted = words.toLowerCase();
  const found: number[] = [];
  let began = performance.now();
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item && searchable(item).toLowerCase().includes(wanted)) found.push(at);
    if (performance.now() - began > SLICE_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) return null;
      began = performance.now();
    }
  }
  return signal.aborted ? null : found;
}
