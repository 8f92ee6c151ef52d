import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Anchor, Comment, CommentBody } from "../../../api/types";
import { keepFor } from "../../../autosave/kept";
import { MemoryStorage } from "../../../autosave/memory-storage";
import { CommentStore, type Editing } from "./comment-store";

const LINES: Anchor = { side: "A", path: "rows.py", at: "result", first_line: 3, last_line: 4, step: null };
const STEP: Anchor = { ...LINES, path: null, first_line: null, last_line: null, step: 7 };

/** The server's side of it, behind the browser's own fetch. */
class Server {
  readonly comments = new Map<string, Comment>();
  away = false;

  answer = async (input: string, init: RequestInit): Promise<Response> => {
    if (this.away) throw new TypeError("network");
    const [, id = "", action] = /\/comments\/([^/]+)(?:\/(\w+))?$/.exec(input) ?? [];
    const known = this.comments.get(id);
    if (init.method === "DELETE" && known) {
      this.comments.set(id, { ...known, deleted: true, revision: known.revision + 1 });
      return new Response(null, { status: 204 });
    }
    if (action === "restore" && known) return this.keep({ ...known, deleted: false, revision: known.revision + 1 });
    const body = JSON.parse(String(init.body)) as CommentBody;
    if ((known?.revision ?? 0) !== body.revision || known?.deleted)
      return Response.json(
        { code: "comment-outdated", detail: "Changed.", details: { comment: known } },
        { status: 409 },
      );
    return this.keep({ ...body, id, revision: body.revision + 1, created_at: "", updated_at: "", deleted: false });
  };

  private keep(comment: Comment): Response {
    this.comments.set(comment.id, comment);
    return Response.json(comment);
  }

  get only(): Comment {
    expect(this.comments.size).toBe(1);
    return [...this.comments.values()][0] as Comment;
  }
}

let server: Server;
let storage: MemoryStorage;
let shown: Map<string, Comment | null>;

function open(): CommentStore {
  return new CommentStore({ comparison: "c1", delay: 500, onServer: (id, comment) => void shown.set(id, comment) });
}
function entry(store: CommentStore): Editing {
  const [only, ...more] = store.snapshot().editing.values();
  expect(more).toEqual([]);
  return only as Editing;
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  shown = new Map();
  storage = MemoryStorage.install();
  keepFor("ada");
  vi.stubGlobal("fetch", server.answer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("comments that are being written", () => {
  test("are saved as drafts after a pause, and count once they are finished", async () => {
    const store = open();
    const id = store.begin(1, LINES, "a\nb");
    store.change(id, "Why not");
    await pass(500);
    expect(server.only).toMatchObject({ text: "Why not", draft: true, turn: 1, anchor: LINES, quote: "a\nb" });
    store.change(id, "Why not a list?");
    await expect(store.finish(id)).resolves.toBe(true);
    expect(server.only).toMatchObject({ text: "Why not a list?", draft: false, revision: 2 });
    expect(shown.get(id)).toEqual(server.only);
    expect(store.snapshot().editing.size).toBe(0);
    expect(storage.items.size).toBe(0);
  });

  test("go on where they were begun, and are no second comment", () => {
    const store = open();
    const id = store.begin(1, LINES, "");
    expect(store.begin(1, { ...LINES }, "")).toBe(id);
    expect(store.begin(2, LINES, "")).not.toBe(id);
    expect(store.begin(1, STEP, "")).not.toBe(id);
  });

  test("say nothing while they are empty, and can’t be finished", async () => {
    const store = open();
    const id = store.begin(1, STEP, "");
    store.change(id, "  \n");
    await expect(store.finish(id)).resolves.toBe(false);
    expect(entry(store).id).toBe(id);
  });

  test("outlive a page that closes while the network is away", async () => {
    server.away = true;
    const store = open();
    store.change(store.begin(1, LINES, ""), "typed in the train");
    await pass(500);
    expect(entry(store).state.kind).toBe("failed");
    server.away = false;
    const again = open();
    expect(entry(again).text).toBe("typed in the train");
    await pass(500);
    expect(server.only.text).toBe("typed in the train");
    expect(storage.items.size).toBe(0);
  });

  test("that could not be saved stay open when they are finished", async () => {
    server.away = true;
    const store = open();
    const id = store.begin(1, LINES, "");
    store.change(id, "Why?");
    await expect(store.finish(id)).resolves.toBe(false);
    expect(entry(store).text).toBe("Why?");
  });

  test("given up are deleted, which can be undone", async () => {
    const store = open();
    const id = store.begin(1, LINES, "");
    store.change(id, "Never mind");
    await pass(500);
    await store.giveUp(id);
    expect(server.only.deleted).toBe(true);
    expect(shown.get(id)).toBeNull();
    await store.undo();
    expect(server.only).toMatchObject({ deleted: false, text: "Never mind" });
    expect(shown.get(id)?.text).toBe("Never mind");
    expect(store.snapshot().deleted).toBeNull();
  });

  test("changed and left say what they said before", async () => {
    const store = open();
    const id = store.begin(1, LINES, "");
    store.change(id, "First");
    await store.finish(id);
    store.edit(server.only);
    store.change(id, "Second");
    await pass(500);
    await store.giveUp(id);
    expect(server.only).toMatchObject({ text: "First", draft: false });
    expect(store.snapshot().editing.size).toBe(0);
  });

  test("tell when a deletion did not get through", async () => {
    const store = open();
    const id = store.begin(1, LINES, "");
    store.change(id, "Stays");
    await store.finish(id);
    server.away = true;
    await store.remove(server.only);
    expect(store.snapshot().error).not.toBeNull();
    expect(shown.get(id)?.text).toBe("Stays");
  });
});

describe("a comment that another window changes too", () => {
  /** Saved as "First", open in two windows, and changed in the other one. */
  async function twice(theirs: string): Promise<CommentStore> {
    const other = open();
    const id = other.begin(1, LINES, "");
    other.change(id, "First");
    await other.finish(id);
    const store = open();
    store.edit(server.only);
    other.edit(server.only);
    other.change(id, theirs);
    await other.finish(id);
    return store;
  }

  test("takes in what was added there when nothing was typed here over it", async () => {
    const store = await twice("First, and second");
    store.change(server.only.id, "First, and second, and third");
    await pass(500);
    expect(server.only.text).toBe("First, and second, and third");
    expect(entry(store).theirs).toBeUndefined();
  });

  test("is sent no more until somebody has chosen, and loses neither text", async () => {
    const store = await twice("Theirs");
    const { id } = server.only;
    store.change(id, "Mine");
    await pass(500);
    expect(entry(store)).toMatchObject({ text: "Mine", theirs: { text: "Theirs" }, state: { kind: "conflict" } });
    await pass(60_000);
    expect(server.only.text).toBe("Theirs");

    const again = open();
    await pass(500);
    expect(entry(again)).toMatchObject({ text: "Mine", theirs: { text: "Theirs" } });

    store.settle(id, "Mine\nTheirs");
    await pass(500);
    expect(server.only.text).toBe("Mine\nTheirs");
    expect(entry(store).theirs).toBeUndefined();
  });

  test("is theirs without another save when that is chosen", async () => {
    const store = await twice("Theirs");
    const { id, revision } = server.only;
    store.change(id, "Mine");
    await pass(500);
    store.settle(id, "Theirs");
    await pass(60_000);
    expect(server.only.revision).toBe(revision);
    expect(entry(store).text).toBe("Theirs");
    expect(storage.items.size).toBe(0);
  });

  test("deleted there becomes a comment of its own, if that is wished", async () => {
    const other = open();
    const id = other.begin(1, LINES, "");
    other.change(id, "First");
    await other.finish(id);
    const store = open();
    store.edit(server.only);
    await other.remove(server.only);
    store.change(id, "Still true");
    await pass(500);
    expect(entry(store)).toMatchObject({ theirs: null, text: "Still true" });
    store.settleDeleted(id, true);
    await pass(500);
    const fresh = [...server.comments.values()].filter((comment) => !comment.deleted);
    expect(fresh.map(({ text }) => text)).toEqual(["Still true"]);
    expect(fresh[0]?.id).not.toBe(id);
  });
});
