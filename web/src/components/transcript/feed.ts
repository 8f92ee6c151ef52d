import type { ComparisonEvent, EventPage } from "../../api/types";
import { Fold } from "./items";

/**
 * Where a transcript comes from: the events after one, or the last ones before it, `limit` at most. `more`: whether there
 * are any behind these; left out, there are none behind a page that is not full.
 */
export type ReadPage = (
  range: { after: number; limit: number } | { before: number; limit: number },
  signal: AbortSignal,
) => Promise<EventPage & { more?: boolean }>;

export type FeedState =
  | { kind: "loading" }
  /** The beginning is shown; the rest is being read. */
  | { kind: "later"; done: number }
  /** The end is shown; `done` of `total` events before it have been read. */
  | { kind: "earlier"; done: number; total: number }
  | { kind: "whole" }
  | { kind: "failed"; error: unknown };

export interface LoadOptions {
  /** Which of the events read are this transcript's; all of them when left out. */
  mine?: (event: ComparisonEvent) => boolean;
  /** Hears where the log ends, as soon as that is known. */
  onEnd?: (lastId: number) => void;
}

/** Read first, so that something is there at once. */
const TAIL = 500;
const PAGE = 5000;
/** Events folded between two breaths. */
const SLICE = 2500;
/** Larger than every event's number, and exact in JavaScript. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * One side's transcript, however long. One that is over is read from its beginning. One that grows is read from its end,
 * then from the beginning until both meet; live events may be added meanwhile. Steps count from the beginning, so the end
 * has no true numbers until then.
 *
 * `items` is changed in place; `version` says when, and listeners are told.
 */
export class TranscriptFeed {
  state: FeedState = { kind: "loading" };
  version = 0;
  /** What is shown. */
  fold = new Fold();
  private tail: ComparisonEvent[] | null = [];
  /** How much has been read from the start. */
  private read = 0;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly getVersion = (): number => this.version;

  /** Live events, oldest first. */
  append(events: readonly ComparisonEvent[]): void {
    if (events.length === 0) return;
    this.tail?.push(...events);
    if (this.fold.append(events)) this.changed();
  }

  /** Reads one that is over. A failure is shown as a state, not thrown. */
  async loadFromStart(read: ReadPage, signal: AbortSignal): Promise<void> {
    this.tail = null;
    try {
      for (;;) {
        const limit = this.read === 0 ? TAIL : PAGE;
        const page = await read({ after: this.read, limit }, signal);
        for (let at = 0; at < page.events.length; at += SLICE) {
          if (at > 0) await breath();
          if (signal.aborted) return;
          this.fold.append(page.events.slice(at, at + SLICE));
          this.become({ kind: "later", done: this.read + at });
        }
        if (signal.aborted) return;
        // A page without news ends it, whatever the server calls its page size.
        if (page.events.length === 0 || page.last_id <= this.read) break;
        this.read = page.last_id;
        if (!(page.more ?? page.events.length >= limit)) break;
      }
      this.settle();
    } catch (error) {
      if (!signal.aborted) this.become({ kind: "failed", error });
    }
  }

  /** Reads one that grows. A failure is shown as a state, not thrown. */
  async loadFromEnd(read: ReadPage, signal: AbortSignal, options: LoadOptions = {}): Promise<void> {
    const { mine = () => true, onEnd } = options;
    try {
      const end = await read({ before: END, limit: TAIL }, signal);
      if (signal.aborted) return;
      this.tail = end.events.filter(mine);
      this.fold = new Fold();
      this.fold.append(this.tail);
      const first = end.events[0]?.id ?? 0;
      if (first <= 1) this.settle();
      else this.become({ kind: "earlier", done: 0, total: first });
      onEnd?.(end.last_id);
      if (first > 1) await this.loadEarlier(read, first, signal, mine);
    } catch (error) {
      if (!signal.aborted) this.become({ kind: "failed", error });
    }
  }

  private async loadEarlier(
    read: ReadPage,
    end: number,
    signal: AbortSignal,
    mine: (event: ComparisonEvent) => boolean,
  ): Promise<void> {
    const fold = new Fold();
    let after = 0;
    while (after < end - 1) {
      const page = await read({ after, limit: PAGE }, signal);
      const earlier = page.events.filter((event) => event.id < end && mine(event));
      for (let at = 0; at < earlier.length; at += SLICE) {
        fold.append(earlier.slice(at, at + SLICE));
        await breath();
      }
      if (signal.aborted) return;
      // A page without news ends it, whatever the server calls its page size.
      if (page.events.length === 0 || page.last_id <= after) break;
      after = page.last_id;
      this.become({ kind: "earlier", done: Math.min(after, end), total: end });
    }
    fold.append(this.tail ?? []);
    this.fold = fold;
    this.settle();
  }

  private settle(): void {
    this.tail = null;
    this.become({ kind: "whole" });
  }

  private become(state: FeedState): void {
    this.state = state;
    this.changed();
  }

  private changed(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}

/** Lets the page answer clicks and draw between two pages of a long transcript. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Two transcripts out of one log: each page is fetched once for both. */
export function sharedReader(read: ReadPage): ReadPage {
  const pages = new Map<string, ReturnType<ReadPage>>();
  return (range, signal) => {
    const key = JSON.stringify(range);
    const known = pages.get(key);
    if (known) {
      pages.delete(key);
      return known;
    }
    const page = read(range, signal);
    pages.set(key, page);
    return page;
  };
}
