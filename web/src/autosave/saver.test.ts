import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../api/problem";
import { Saver, type SaveState } from "./saver";

/** A server that answers when told to. */
class Server {
  readonly received: string[] = [];
  private waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  save = (value: string) => {
    this.received.push(value);
    return new Promise<void>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
  };
  async accept() {
    this.waiting.shift()?.resolve();
    await vi.advanceTimersByTimeAsync(0);
  }
  async refuse(status: number) {
    this.waiting.shift()?.reject(new Problem({ status, code: "x", message: "no" }));
    await vi.advanceTimersByTimeAsync(0);
  }
}

function setUp() {
  const server = new Server();
  const states: SaveState["kind"][] = [];
  const saver = new Saver<string>({
    save: server.save,
    delay: 500,
    retryDelay: 1000,
    onState: (state) => states.push(state.kind),
  });
  return { server, states, saver };
}

describe("autosave", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("waits for a pause, then sends the newest value once", async () => {
    const { server, states, saver } = setUp();
    for (const value of ["a", "ab", "abc"]) saver.change(value);
    await vi.advanceTimersByTimeAsync(500);
    await server.accept();
    expect(server.received).toEqual(["abc"]);
    expect(states.at(-1)).toBe("saved");
    expect(saver.unsaved).toBe(false);
  });

  test("a change during a request is sent after it, never beside it", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    saver.change("b");
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.received).toEqual(["a"]);
    await server.accept();
    await vi.advanceTimersByTimeAsync(500);
    expect(server.received).toEqual(["a", "b"]);
  });

  test("a temporary failure is tried again by itself, with the newest value", async () => {
    const { server, states, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    await server.refuse(503);
    expect(states.at(-1)).toBe("failed");
    await vi.advanceTimersByTimeAsync(1000);
    await server.accept();
    expect(server.received).toEqual(["a", "a"]);
    expect(states.at(-1)).toBe("saved");
  });

  test("a refusal is not repeated, and nothing is forgotten", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    await server.refuse(422);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.received).toEqual(["a"]);
    expect(saver.unsaved).toBe(true);
  });

  test("once the server is back, what failed is tried at once", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    await server.refuse(401);
    saver.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.received).toEqual(["a", "a"]);
    await server.accept();
    saver.retry();
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.received).toHaveLength(2);
  });

  test("a conflict stops saving until somebody decides", async () => {
    const { server, states, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    await server.refuse(409);
    saver.change("ab");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states.at(-1)).toBe("conflict");
    expect(server.received).toEqual(["a"]);

    saver.resume(false);
    await vi.advanceTimersByTimeAsync(0);
    await server.accept();
    expect(server.received).toEqual(["a", "ab"]);
    expect(states.at(-1)).toBe("saved");
  });

  test("after a conflict the own version can be dropped", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    await vi.advanceTimersByTimeAsync(500);
    await server.refuse(409);
    saver.resume(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(saver.unsaved).toBe(false);
    expect(server.received).toEqual(["a"]);
  });

  test("flush sends at once, and waits for what is under way", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    const first = saver.flush();
    saver.change("b");
    const second = saver.flush();
    await server.accept();
    await server.accept();
    await expect(first).resolves.toBe(true);
    await expect(second).resolves.toBe(true);
    expect(server.received).toEqual(["a", "b"]);
  });

  test("flush tells when it could not save", async () => {
    const { server, saver } = setUp();
    saver.change("a");
    const done = saver.flush();
    await server.refuse(422);
    await expect(done).resolves.toBe(false);
  });
});
