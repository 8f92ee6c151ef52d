import { asProblem, type Problem } from "../api/problem";

export type SaveState =
  | { kind: "clean" }
  | { kind: "dirty" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  | { kind: "failed"; problem: Problem }
  | { kind: "conflict" };

export interface SaverOptions<T> {
  /** Sends the value; `keepalive` when the page is on its way out. */
  save: (value: T, keepalive: boolean) => Promise<void>;
  /** Milliseconds of quiet after the last change before it is sent. */
  delay: number;
  onState: (state: SaveState) => void;
  /** Whether a refusal means that somebody has to choose between two versions; a 409 does where this is left out. */
  isConflict?: (problem: Problem) => boolean;
  /** Milliseconds until a failed save is tried again by itself. */
  retryDelay?: number;
}

/**
 * Saves the newest value, one request at a time.
 *
 * Changes during a request are sent after it, so that the server never sees an older value last. A conflict (409)
 * stops saving until the person decides; a temporary failure is tried again; anything else waits for the next change.
 */
export class Saver<T> {
  private pending: { value: T } | null = null;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private stopped = false;
  private readonly options: SaverOptions<T>;

  constructor(options: SaverOptions<T>) {
    this.options = options;
  }

  get unsaved(): boolean {
    return this.pending !== null || this.running !== null;
  }

  change(value: T): void {
    this.pending = { value };
    if (this.stopped) return;
    this.options.onState({ kind: "dirty" });
    this.schedule(this.options.delay);
  }

  /** Sends what is unsent now. Resolves when everything is saved or saving has failed. */
  async flush(keepalive = false): Promise<boolean> {
    this.clearTimer();
    while (!this.stopped && (this.pending || this.running)) {
      if (this.running) await this.running;
      else if (!(await this.attempt(keepalive))) return false;
    }
    return !this.stopped;
  }

  /** The server answers again, or the person is signed in again: tries at once what failed. */
  retry(): void {
    if (this.pending && !this.running && !this.stopped) this.schedule(0);
  }

  /** Two versions are known before anything is sent: nothing is, until the person decides. */
  hold(value: T): void {
    this.pending = { value };
    this.stop();
  }

  /** After a conflict: carry on. `forget` drops what was not saved. */
  resume(forget: boolean): void {
    this.stopped = false;
    if (forget) {
      this.pending = null;
      this.options.onState({ kind: "clean" });
    } else if (this.pending) {
      this.schedule(0);
    }
  }

  dispose(): void {
    this.clearTimer();
  }

  private stop(): void {
    this.stopped = true;
    this.clearTimer();
    this.options.onState({ kind: "conflict" });
  }

  private schedule(delay: number): void {
    this.clearTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (!this.running) void this.attempt(false);
    }, delay);
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private async attempt(keepalive: boolean): Promise<boolean> {
    const sent = this.pending;
    if (!sent) return true;
    this.pending = null;
    this.options.onState({ kind: "saving" });
    let ok = false;
    this.running = this.options.save(sent.value, keepalive).then(
      () => {
        ok = true;
      },
      (error) => this.failed(sent, asProblem(error)),
    );
    await this.running;
    this.running = null;
    if (!ok) return false;
    if (this.pending) {
      this.options.onState({ kind: "dirty" });
      if (this.timer === null) this.schedule(this.options.delay);
    } else {
      this.options.onState({ kind: "saved", at: new Date() });
    }
    return true;
  }

  private failed(sent: { value: T }, problem: Problem): void {
    this.pending ??= sent;
    if (this.options.isConflict?.(problem) ?? problem.status === 409) {
      this.stop();
      return;
    }
    this.options.onState({ kind: "failed", problem });
    if (problem.temporary) this.schedule(this.options.retryDelay ?? 5000);
  }
}
