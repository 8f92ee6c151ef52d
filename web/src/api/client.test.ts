import { afterEach, expect, test, vi } from "vitest";
import { api } from "./client";

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
