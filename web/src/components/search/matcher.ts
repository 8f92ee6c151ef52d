import type { MatchAnswer, MatchRequest } from "./matching";
import type { Place } from "./pattern";

/** A pattern that is quick takes a few milliseconds for a part; one that has not come back by now may never do. */
const LIMIT_MS = 2_000;
/** Whoever was kept from the clock for this long can't tell by it how long a worker took. */
const STALLED_MS = 500;

/** The pattern did not come back from a part in time, and was stopped. */
export class TooSlow extends Error {
  constructor(readonly part: number) {
    super("The pattern takes too long.");
  }
}

/** The worker could not be started, or the browser could not run the pattern. */
export class NotRun extends Error {}

/** As much of a worker as is needed. */
export interface MatchWorker {
  onmessage: ((event: MessageEvent<MatchAnswer | "ready">) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage: (request: MatchRequest) => void;
  terminate: () => void;
}

function startWorker(): MatchWorker {
  return new Worker(new URL("./match-worker.ts", import.meta.url), { type: "module" });
}

/**
 * Runs patterns over lines in a worker of its own, one request after the other, each part within a limit of time: a
 * pattern like `(a+)+$` would else stop the page for hours.
 */
export class Matcher {
  #worker: MatchWorker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #id = 0;
  #giveUp: ((reason: unknown) => void) | null = null;

  constructor(
    private readonly start: () => MatchWorker = startWorker,
    private readonly limit = LIMIT_MS,
  ) {}

  /**
   * Where the pattern stands in the lines of each part. Throws {@link TooSlow}, {@link NotRun}, or the signal's reason
   * when it was given up.
   */
  find(
    pattern: RegExp,
    parts: readonly (readonly string[])[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly Place[])[][]> {
    const asked = this.#last.then(() => this.#run(pattern, parts, signal));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  /** Ends the worker, and with it what it is at; the next request begins a new one. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#giveUp?.(new DOMException("The search was closed.", "AbortError"));
    this.#giveUp = null;
  }

  async #run(pattern: RegExp, parts: readonly (readonly string[])[], signal?: AbortSignal) {
    signal?.throwIfAborted();
    if (parts.length === 0) return [];
    const worker = await this.#started();
    signal?.throwIfAborted();
    const id = ++this.#id;
    const found: Place[][][] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (reason: unknown) => {
      this.#giveUp?.(reason);
      this.#giveUp = null;
      this.close();
    };
    const giveUp = () => stop(signal?.reason);
    signal?.addEventListener("abort", giveUp);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject;
        const wait = () => {
          clearTimeout(timer);
          const due = performance.now() + this.limit;
          // When the page itself stood still, an answer may lie behind this very moment.
          timer = setTimeout(() => {
            if (performance.now() - due > STALLED_MS) wait();
            else stop(new TooSlow(found.length));
          }, this.limit);
        };
        worker.onmessage = ({ data }) => {
          if (data === "ready" || data.id !== id) return;
          found.push(placesOf(parts[data.part]?.length ?? 0, data.found));
          if (found.length === parts.length) resolve();
          else wait();
        };
        worker.onerror = () => stop(new NotRun());
        wait();
        worker.postMessage({ id, source: pattern.source, flags: pattern.flags, parts });
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      this.#giveUp = null;
    }
    return found;
  }

  async #started(): Promise<MatchWorker> {
    if (this.#worker) return this.#worker;
    const worker = this.start();
    this.#worker = worker;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject;
        worker.onmessage = () => resolve();
        worker.onerror = () => reject(new NotRun());
      });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#giveUp = null;
    return worker;
  }
}

function placesOf(lines: number, found: Int32Array): Place[][] {
  const places: Place[][] = Array.from({ length: lines }, () => []);
  for (let i = 0; i < found.length; i += 3)
    places[found[i] ?? 0]?.push({ at: found[i + 1] ?? 0, length: found[i + 2] ?? 0 });
  return places;
}
