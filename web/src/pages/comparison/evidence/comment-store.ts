import { newIdempotencyKey } from "../../../api/client";
import { deleteComment, restoreComment, saveComment } from "../../../api/comments";
import { asProblem, type Problem } from "../../../api/problem";
import type { Anchor, Comment } from "../../../api/types";
import { forget, isRecord, keep, kept } from "../../../autosave/kept";
import { reconcile } from "../../../autosave/reconcile";
import { Saver, type SaveState } from "../../../autosave/saver";
import { isSamePlace } from "./anchors";

/** A comment that is being written or changed. Its text lives here: the form may be scrolled away at any time. */
export interface Editing {
  id: string;
  turn: number;
  anchor: Anchor;
  quote: string;
  text: string;
  /** Not shown to anybody else yet. */
  draft: boolean;
  revision: number;
  /** What it said before, for taking a change back. */
  before: string | null;
  /** What the server said when this was typed over it. */
  base: string;
  /** Changed elsewhere so that somebody has to choose: that version; null: it was deleted there. */
  theirs?: Comment | null;
  state: SaveState;
}

export interface CommentsState {
  editing: ReadonlyMap<string, Editing>;
  /** Just deleted, and can be brought back. */
  deleted: Comment | null;
  /** What a deletion or restoring ran into. */
  error: unknown;
}

export interface CommentStoreOptions {
  comparison: string;
  /** Tells the rest of the page what the server holds now; null: it is gone. */
  onServer: (id: string, comment: Comment | null) => void;
  delay?: number;
}

/** So often is a save that met a newer version put together with it and tried again, before it waits for the next. */
const ROUNDS = 4;

/** All comments of a comparison that are being written, each saved by itself as a draft. */
export class CommentStore {
  private state: CommentsState = { editing: new Map(), deleted: null, error: null };
  private readonly savers = new Map<string, Saver<Editing>>();
  private readonly listeners = new Set<() => void>();
  private readonly options: CommentStoreOptions;

  constructor(options: CommentStoreOptions) {
    this.options = options;
    for (const left of Object.values(kept(this.key, isRecord)?.value ?? {}) as Editing[]) {
      const { theirs: _, ...entry } = left;
      this.put({ ...entry, state: { kind: "dirty" } });
      this.saver(left.id).change(left);
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): CommentsState => this.state;

  /** Begins a comment, or goes on with the one that was begun there. Gives its id. */
  begin(turn: number, anchor: Anchor, quote: string): string {
    const same = [...this.state.editing.values()].find(
      (entry) => entry.turn === turn && entry.before === null && isSamePlace(entry.anchor, anchor),
    );
    if (same) return same.id;
    const id = newIdempotencyKey().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    const cut = quote.slice(0, 4000);
    this.put({
      id,
      turn,
      anchor,
      quote: cut,
      text: "",
      draft: true,
      revision: 0,
      before: null,
      base: "",
      state: { kind: "clean" },
    });
    return id;
  }

  /** Opens a comment for changing. */
  edit(comment: Comment): void {
    if (this.state.editing.has(comment.id)) return;
    const { id, turn, anchor, quote, text, draft, revision } = comment;
    const before = draft ? null : text;
    this.put({ id, turn, anchor, quote, text, draft, revision, before, base: text, state: { kind: "clean" } });
  }

  change(id: string, text: string): void {
    const entry = this.state.editing.get(id);
    if (!entry) return;
    const next = { ...entry, text };
    this.put(next);
    this.saver(id).change(next);
    this.keepLocally();
  }

  /** Done: it counts from now on. False: it could not be saved, and stays open. */
  async finish(id: string): Promise<boolean> {
    const entry = this.state.editing.get(id);
    if (!entry || entry.text.trim() === "") return false;
    const done = { ...entry, draft: false };
    this.put(done);
    const saver = this.saver(id);
    saver.change(done);
    if (!(await saver.flush())) return false;
    this.close(id);
    return true;
  }

  /** Gives up: a new comment is deleted (which can be undone), a changed one says what it said before. */
  async giveUp(id: string): Promise<void> {
    const entry = this.state.editing.get(id);
    if (!entry) return;
    if (entry.before !== null) {
      if (entry.text !== entry.before) {
        this.change(id, entry.before);
        if (!(await this.saver(id).flush())) return;
      }
      this.close(id);
      return;
    }
    await this.saver(id).flush();
    const saved = this.state.editing.get(id);
    this.close(id);
    if (saved && saved.revision > 0) await this.remove(asComment(saved));
  }

  async remove(comment: Comment): Promise<void> {
    this.close(comment.id);
    await this.attempt(async () => {
      await deleteComment(this.options.comparison, comment.id);
      this.options.onServer(comment.id, null);
      this.set({ deleted: comment });
    });
  }

  async undo(): Promise<void> {
    const { deleted } = this.state;
    if (!deleted) return;
    await this.attempt(async () => {
      this.options.onServer(deleted.id, await restoreComment(this.options.comparison, deleted.id));
      this.set({ deleted: null });
    });
  }

  forgetDeleted(): void {
    this.set({ deleted: null });
  }

  /** Somebody has chosen between two versions: goes on with this text, over the other one. */
  settle(id: string, text: string): void {
    const entry = this.state.editing.get(id);
    if (!entry?.theirs) return;
    const { theirs, ...rest } = entry;
    const next = { ...rest, ...over(theirs, rest.draft), text };
    this.put(next);
    const done = text === theirs.text && next.draft === theirs.draft;
    if (!done) this.saver(id).change(next);
    this.saver(id).resume(done);
    this.keepLocally();
  }

  /** It was deleted elsewhere while it was changed here: it becomes a comment of its own, or goes. */
  settleDeleted(id: string, keepIt: boolean): void {
    const entry = this.state.editing.get(id);
    if (!entry) return;
    this.close(id);
    if (keepIt) this.change(this.begin(entry.turn, entry.anchor, entry.quote), entry.text);
  }

  /** Sends what is unsent, on the way out. */
  flush(): void {
    for (const saver of this.savers.values()) void saver.flush(true);
  }

  private saver(id: string): Saver<Editing> {
    const known = this.savers.get(id);
    if (known) return known;
    const made = new Saver<Editing>({
      delay: this.options.delay ?? 700,
      isConflict: () => this.state.editing.get(id)?.theirs !== undefined,
      onState: (state) => {
        const entry = this.state.editing.get(id);
        if (entry) this.put({ ...entry, state });
        if (state.kind === "saved") this.keepLocally();
      },
      save: (value, keepalive) => this.send(id, value, keepalive),
    });
    this.savers.set(id, made);
    return made;
  }

  private async send(id: string, value: Editing, keepalive: boolean): Promise<void> {
    for (let round = 1; ; round++) {
      const { turn, anchor, quote, text, draft, revision } = this.state.editing.get(id) ?? value;
      try {
        const body = { turn, anchor, quote, text, draft, revision };
        const saved = await saveComment(this.options.comparison, id, body, keepalive);
        const entry = this.state.editing.get(id);
        if (entry) this.put({ ...entry, revision: saved.revision, base: text });
        this.options.onServer(id, saved);
        return;
      } catch (error) {
        if (round === ROUNDS || !this.meet(id, asProblem(error))) throw error;
      }
    }
  }

  /** Puts what is typed together with what was saved elsewhere; true: there is nothing to ask, it can be sent again. */
  private meet(id: string, problem: Problem): boolean {
    const entry = this.state.editing.get(id);
    if (problem.code !== "comment-outdated" || !entry) return false;
    const theirs = (problem.details.comment as Comment | undefined) ?? null;
    if (theirs === null || theirs.deleted) {
      this.put({ ...entry, theirs: null });
      return false;
    }
    const { merged, conflicts } = reconcile({ text: entry.base }, { text: entry.text }, { text: theirs.text });
    const met = conflicts.length === 0;
    this.put(met ? { ...entry, ...over(theirs, entry.draft), text: String(merged.text) } : { ...entry, theirs });
    return met;
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      this.set({ error: null });
      await work();
    } catch (error) {
      this.set({ error });
    }
  }

  private close(id: string): void {
    this.savers.get(id)?.dispose();
    this.savers.delete(id);
    const editing = new Map(this.state.editing);
    editing.delete(id);
    this.set({ editing });
    this.keepLocally();
  }

  private get key(): string {
    return `comments/${this.options.comparison}`;
  }

  private keepLocally(): void {
    const unsaved = [...this.state.editing.values()].filter((entry) => this.savers.get(entry.id)?.unsaved);
    if (unsaved.length === 0) forget(this.key);
    else keep(this.key, Object.fromEntries(unsaved.map((entry) => [entry.id, entry])));
  }

  private put(entry: Editing): void {
    this.set({ editing: new Map(this.state.editing).set(entry.id, entry) });
  }

  private set(changes: Partial<CommentsState>): void {
    this.state = { ...this.state, ...changes };
    for (const listener of this.listeners) listener();
  }
}

/** What is typed on top of a version: its revision, and finished once either of the two is. */
function over(theirs: Comment, draft: boolean): Pick<Editing, "revision" | "base" | "draft"> {
  return { revision: theirs.revision, base: theirs.text, draft: draft && theirs.draft };
}

function asComment(entry: Editing): Comment {
  const { id, turn, anchor, quote, text, draft, revision } = entry;
  const now = new Date().toISOString();
  return { id, turn, anchor, quote, text, draft, revision, created_at: now, updated_at: now, deleted: false };
}
