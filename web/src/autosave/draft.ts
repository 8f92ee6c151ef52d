import { asProblem, type Problem } from "../api/problem";
import { forget, isRecord, keep, kept } from "./kept";
import { isSame, reconcile, type Version } from "./reconcile";
import { Saver, type SaveState } from "./saver";

/** A draft as the server has it. `revision`: whatever its next save has to name. */
export interface Stored<T, R> {
  value: T;
  revision: R;
}

/** How a draft is taken apart into fields, and put together again. */
export interface Shape<T> {
  split: (value: T) => Version;
  join: (fields: Version) => T;
}

export interface DraftOptions<T, R> {
  /** Under which name the browser keeps what is not saved yet. */
  keepAs: string;
  shape: Shape<T>;
  /** As the server had it when the form was opened. */
  stored: Stored<T, R>;
  send: (value: T, over: Stored<T, R>, keepalive: boolean) => Promise<Stored<T, R>>;
  /** The newer version that a refusal speaks of; null: it was refused for another reason. */
  newer: (problem: Problem) => Promise<Stored<T, R> | null>;
  delay?: number;
  retryDelay?: number;
}

export interface DraftState<T> {
  value: T;
  save: SaveState;
  /** What another window or device saved meanwhile, and the fields in which somebody has to choose. */
  conflict: { theirs: T; fields: readonly string[] } | null;
}

/** So often is a save that met a newer version put together with it and tried again, before it waits for the next. */
const ROUNDS = 4;

/**
 * A draft while it is written: kept in the browser with every key, sent after a pause, and put together with what another
 * window or device has saved. No text is dropped unless the person chooses another one.
 */
export class Draft<T, R> {
  private state: DraftState<T>;
  /** What this draft was typed over. */
  private base: Stored<T, R>;
  private rival: Stored<T, R> | null = null;
  private readonly saver: Saver<T>;
  private readonly listeners = new Set<() => void>();
  private readonly options: DraftOptions<T, R>;

  constructor(options: DraftOptions<T, R>) {
    this.options = options;
    this.base = options.stored;
    this.state = { value: options.stored.value, save: { kind: "clean" }, conflict: null };
    this.saver = new Saver<T>({
      save: (_, keepalive) => this.send(keepalive),
      delay: options.delay ?? 700,
      ...(options.retryDelay === undefined ? {} : { retryDelay: options.retryDelay }),
      isConflict: () => this.rival !== null,
      onState: (save) => {
        if (save.kind === "saved") forget(options.keepAs);
        this.set({ save });
      },
    });
    this.open();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): DraftState<T> => this.state;

  get unsaved(): boolean {
    return this.saver.unsaved;
  }

  change = (value: T): void => {
    this.set({ value });
    keep(this.options.keepAs, value, this.base.value);
    this.saver.change(value);
  };

  flush = (keepalive = false): Promise<boolean> => this.saver.flush(keepalive);

  /** The server answers again: tries at once what failed. */
  retry(): void {
    this.saver.retry();
  }

  /** The person has chosen: goes on with this, over what the others saved. */
  resolve = (value: T): void => {
    if (this.rival === null) return;
    this.base = this.rival;
    this.rival = null;
    const done = isSame(this.split(value), this.split(this.base.value));
    this.set({ value, conflict: null });
    if (done) forget(this.options.keepAs);
    else {
      keep(this.options.keepAs, value, this.base.value);
      this.saver.change(value);
    }
    this.saver.resume(done);
  };

  private split(value: T): Version {
    return this.options.shape.split(value);
  }

  /** What this browser kept is put together with what the server has. */
  private open(): void {
    const { keepAs, shape, stored } = this.options;
    const left = kept(keepAs, isRecord);
    if (left === null) return;
    const whole = (fields: Record<string, unknown>) => shape.split({ ...stored.value, ...(fields as Partial<T>) });
    const theirs = shape.split(stored.value);
    const { merged, conflicts } = reconcile(left.base === null ? null : whole(left.base), whole(left.value), theirs);
    const value = shape.join(merged);
    this.state = { ...this.state, value };
    if (conflicts.length > 0) {
      // It goes on being what it was typed over: closed and opened again it must not look newer than it is.
      this.base = { ...stored, value: left.base === null ? stored.value : shape.join(whole(left.base)) };
      this.meet(stored, conflicts);
      this.saver.hold(value);
    } else if (isSame(merged, theirs)) forget(keepAs);
    else this.saver.change(value);
  }

  private meet(rival: Stored<T, R>, fields: readonly string[]): void {
    this.rival = rival;
    this.set({ conflict: { theirs: rival.value, fields } });
  }

  private async send(keepalive: boolean): Promise<void> {
    for (let round = 1; ; round++) {
      const { value } = this.state;
      try {
        const saved = await this.options.send(value, this.base, keepalive);
        this.base = { ...saved, value };
        return;
      } catch (error) {
        const problem = asProblem(error);
        const newer = problem.status === 409 ? await this.options.newer(problem) : null;
        if (newer === null || round === ROUNDS) throw problem;
        // Somebody may have typed on while this was on its way: it is what they have now that counts.
        const { merged, conflicts } = reconcile(
          this.split(this.base.value),
          this.split(this.state.value),
          this.split(newer.value),
        );
        const together = this.options.shape.join(merged);
        this.set({ value: together });
        if (conflicts.length > 0) {
          keep(this.options.keepAs, together, this.base.value);
          this.meet(newer, conflicts);
          throw problem;
        }
        this.base = newer;
        keep(this.options.keepAs, together, newer.value);
        if (isSame(merged, this.split(newer.value))) return;
      }
    }
  }

  private set(changes: Partial<DraftState<T>>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}
