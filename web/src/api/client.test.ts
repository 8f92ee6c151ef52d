import { afterEach, expect, test, vi } from "vitest";
import { api } from "./client";
import { connection } from "./connection";

afterEach(() => vi.unstubAllGlobals());

test("half a character is sent as one that the server can store", async () => {
  const asked: RequestInit[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    asked.push(init);
    return new Response("{}", { headers: { "content-type": "application/json" } });
  });
  const cut = "a quote 🐟".slice(0, -1);
  await api.put("/drafts", { body: { text: cut, lines: [cut, 3], whole: "🐟" } });
  expect(JSON.parse(String(asked[0]?.body))).toEqual({
    text: "a quote \ufffd",
    lines: ["a quote \ufffd", 3],
    whole: "🐟",
  });
});

test("an answer that breaks off is told as that, and what has come of it is read", async () => {
  const chunks = [new TextEncoder().encode("one\n🐟").slice(0, 6)];
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = chunks.shift();
      if (next) controller.enqueue(next);
      else controller.error(new TypeError("network error"));
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body));
  const read: string[] = [];
  const all = (async () => {
    for await (const piece of api.pieces("/large")) read.push(piece);
  })();
  await expect(all).rejects.toMatchObject({ code: "broken-off", temporary: true });
  expect(read).toEqual(["one\n"]);
  expect(connection()).toBe("here");
});

test("what nobody reads on is not fetched on", async () => {
  const cancel = vi.fn();
  const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new TextEncoder().encode("more"));
  vi.stubGlobal("fetch", async () => new Response(new ReadableStream({ pull, cancel })));
  for await (const piece of api.pieces("/endless")) {
    expect(piece).toBe("more");
    break;
  }
  expect(cancel).toHaveBeenCalledOnce();
});
