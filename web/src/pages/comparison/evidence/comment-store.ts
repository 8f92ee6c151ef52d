import { newIdempotencyKey } from "../../../api/client";
import { deleteComment, restoreComment, saveComment } from "../../../api/comments";
import type { Anchor, Comment } from "../../../api/types";
import { forget, isRecord, keep, kept } from "../../../autosave/kept";
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

/** All comments of a comparison that are being written, each saved by itself as a draft. */
export class CommentStore {
  private state: CommentsState = { editing: new Map(), deleted: null, error: null };
  private readonly savers = new Map<string, Saver<Editing>>();
  private readonly listeners = new Set<() => void>();
  private readonly options: CommentStoreOptions;

  constructor(options: CommentStoreOptions) {
    this.options = options;
    for (const left of Object.values(kept(this.key, isRecord) ?? {}) as Editing[]) {
      this.put({ ...left, state: { kind: "dirty" } });
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
      state: { kind: "clean" },
    });
    return id;
  }

  /** Opens a comment for changing. */
  edit(comment: Comment): void {
    if (this.state.editing.has(comment.id)) return;
    const { id, turn, anchor, quote, text, draft, revision } = comment;
    this.put({ id, turn, anchor, quote, text, draft, revision, before: draft ? null : text, state: { kind: "clean" } });
  }

  change(id: string, text: string): void {
    const entry = this.state.editing.get(id);
    if (!entry) return;
    const next = { ...entry, text };
    this.put(next);
    this.keepLocally();
    this.saver(id).change(next);
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

  /** After a conflict: mine on top of theirs, or theirs. */
  settle(id: string, theirs: Comment | null, mine: boolean): void {
    const entry = this.state.editing.get(id);
    if (!entry) return;
    if (theirs === null || theirs.deleted) {
      this.close(id);
      if (mine) {
        const again = this.begin(entry.turn, entry.anchor, entry.quote);
        this.change(again, entry.text);
      }
      return;
    }
    this.put({ ...entry, revision: theirs.revision, text: mine ? entry.text : theirs.text });
    this.saver(id).resume(!mine);
    if (!mine) this.keepLocally();
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
      onState: (state) => {
        const entry = this.state.editing.get(id);
        if (entry) this.put({ ...entry, state });
        if (state.kind === "saved") this.keepLocally();
      },
      save: async (value, keepalive) => {
        const { turn, anchor, quote, text, draft } = value;
        const revision = this.state.editing.get(id)?.revision ?? value.revision;
        const body = { turn, anchor, quote, text, draft, revision };
        const saved = await saveComment(this.options.comparison, id, body, keepalive);
        const entry = this.state.editing.get(id);
        if (entry) this.put({ ...entry, revision: saved.revision });
        this.options.onServer(id, saved);
      },
    });
    this.savers.set(id, made);
    return made;
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

function asComment(entry: Editing): Comment {
  const { id, turn, anchor, quote, text, draft, revision } = entry;
  const now = new Date().toISOString();
  return { id, turn, anchor, quote, text, draft, revision, created_at: now, updated_at: now, deleted: false };
}
