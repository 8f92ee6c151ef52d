import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../api/problem";
import { Draft, type Stored } from "./draft";
import { keepFor } from "./kept";
import { MemoryStorage } from "./memory-storage";

interface Text {
  why: string;
  score: number | null;
}

/** Keeps one draft by revision, as the real one does. */
class Server {
  stored: Stored<Text, number> = { value: { why: "", score: null }, revision: 0 };
  away = false;
  saves = 0;

  send = async (value: Text, over: Stored<Text, number>): Promise<Stored<Text, number>> => {
    if (this.away) throw new Problem({ status: 503, code: "away", message: "away" });
    if (over.revision !== this.stored.revision)
      throw new Problem({ status: 409, code: "draft-outdated", message: "newer", details: { draft: this.stored } });
    this.saves += 1;
    this.stored = { value, revision: over.revision + 1 };
    return this.stored;
  };
  newer = async (problem: Problem) => (problem.details.draft as Stored<Text, number> | undefined) ?? null;

  /** A form opened now. */
  open(keepAs = "rating/1/1"): Draft<Text, number> {
    const shape = { split: (value: Text) => ({ ...value }), join: (fields: object) => fields as Text };
    return new Draft({ keepAs, shape, stored: this.stored, send: this.send, newer: this.newer, delay: 500 });
  }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
let server: Server;
let storage: MemoryStorage;

beforeEach(() => {
  vi.useFakeTimers();
  storage = MemoryStorage.install();
  keepFor("ada");
  server = new Server();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a draft", () => {
  test("is saved after a pause, and then no longer kept here", async () => {
    const draft = server.open();
    draft.change({ why: "A quotes", score: null });
    expect(storage.items.size).toBe(1);
    await pass(500);
    expect(server.stored.value.why).toBe("A quotes");
    expect(storage.items.size).toBe(0);
    expect(draft.snapshot().save.kind).toBe("saved");
  });

  test("takes in what another window changed elsewhere in it, without a question", async () => {
    const one = server.open();
    const two = server.open("other device");
    one.change({ why: "A quotes", score: null });
    await pass(500);
    two.change({ why: "", score: -2 });
    await pass(500);
    expect(two.snapshot()).toMatchObject({ value: { why: "A quotes", score: -2 }, conflict: null });
    expect(server.stored.value).toEqual({ why: "A quotes", score: -2 });
  });

  test("asks where both wrote, sends nothing meanwhile, and goes on with what is chosen", async () => {
    const one = server.open();
    const two = server.open("other device");
    one.change({ why: "A quotes", score: null });
    await pass(500);
    two.change({ why: "B joins", score: 1 });
    await pass(500);
    expect(two.snapshot().conflict).toEqual({ theirs: { why: "A quotes", score: null }, fields: ["why"] });
    two.change({ why: "B joins lines", score: 1 });
    await pass(60_000);
    expect(server.stored.value.why).toBe("A quotes");
    two.resolve({ why: "A quotes\nB joins lines", score: 1 });
    await pass(500);
    expect(server.stored.value).toEqual({ why: "A quotes\nB joins lines", score: 1 });
    expect(two.snapshot()).toMatchObject({ conflict: null, save: { kind: "saved" } });
  });

  test("takes the others’ version without saving it again", async () => {
    const one = server.open();
    const two = server.open("other device");
    one.change({ why: "A quotes", score: null });
    await pass(500);
    two.change({ why: "B joins", score: null });
    await pass(500);
    const { saves } = server;
    two.resolve({ why: "A quotes", score: null });
    await pass(60_000);
    expect(server.saves).toBe(saves);
    expect(storage.items.size).toBe(0);
  });

  test("kept here while the network was away is offered beside what another device saved, however late", async () => {
    const here = server.open();
    server.away = true;
    here.change({ why: "typed in the train", score: null });
    await pass(500);
    server.away = false;
    const there = server.open("other device");
    there.change({ why: "typed at the desk", score: 2 });
    await pass(500);

    for (const _ of ["opened", "closed and opened again"]) {
      const again = server.open();
      expect(again.snapshot()).toMatchObject({
        value: { why: "typed in the train", score: 2 },
        conflict: { theirs: { why: "typed at the desk" }, fields: ["why"] },
        save: { kind: "conflict" },
      });
      await pass(60_000);
    }
    expect(server.stored.value.why).toBe("typed at the desk");
  });

  test("kept here goes on by itself when nobody has saved since", async () => {
    const here = server.open();
    server.away = true;
    here.change({ why: "half a sen", score: null });
    await pass(500);
    server.away = false;
    const again = server.open();
    expect(again.snapshot()).toMatchObject({ value: { why: "half a sen" }, conflict: null });
    await pass(500);
    expect(server.stored.value.why).toBe("half a sen");
    expect(storage.items.size).toBe(0);
  });

  test("typed on while a save was on its way is what is put together", async () => {
    const one = server.open();
    const two = server.open("other device");
    one.change({ why: "", score: 3 });
    await pass(500);
    const send = server.send;
    server.send = send;
    two.change({ why: "B", score: null });
    const saving = two.flush();
    two.change({ why: "B joins", score: null });
    await saving;
    await pass(500);
    expect(two.snapshot().value).toEqual({ why: "B joins", score: 3 });
    expect(server.stored.value).toEqual({ why: "B joins", score: 3 });
  });

  test("refused for another reason says so, and is no question of versions", async () => {
    const draft = server.open();
    server.send = async () => {
      throw new Problem({ status: 409, code: "comparison-closed", message: "It was submitted." });
    };
    const closed = new Draft({
      keepAs: "rating/2/1",
      shape: { split: (value: Text) => ({ ...value }), join: (fields: object) => fields as Text },
      stored: server.stored,
      send: server.send,
      newer: server.newer,
      delay: 500,
    });
    closed.change({ why: "too late", score: null });
    await pass(500);
    expect(closed.snapshot()).toMatchObject({ save: { kind: "failed" }, conflict: null, value: { why: "too late" } });
    expect(storage.items.size).toBe(1);
    expect(draft.unsaved).toBe(false);
  });
});
