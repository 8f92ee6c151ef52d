import { afterEach, expect, test, vi } from "vitest";
import { begin, beginBy, beginLarge, takeBegun } from "./begun";

afterEach(() => vi.unstubAllGlobals());

/** Answers by address, and which were asked for. */
function served(answers: Record<string, () => Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return (answers[url] ?? (() => new Response("", { status: 404 })))();
  });
  return asked;
}
const text = async (url: string) => (await takeBegun(url))?.text();

test("an answer is handed out once", async () => {
  const asked = served({ "/a": () => new Response("one") });
  void begin("/a");
  void begin("/a");
  expect(await text("/a")).toBe("one");
  expect(takeBegun("/a")).toBeNull();
  expect(asked).toEqual(["/a"]);
});

test("an early answer counts for the address that it names", async () => {
  const asked = served({ "/early": () => new Response("one", { headers: { "Content-Location": "/late" } }) });
  void begin("/early");
  beginBy("/early", "/late");
  expect(await text("/late")).toBe("one");
  expect(asked).toEqual(["/early"]);
});

test("one that names another address, names none or never came does not", async () => {
  const late = () => new Response("late");
  const asked = served({
    "/other": () => new Response("one", { headers: { "Content-Location": "/elsewhere" } }),
    "/none": () => new Response(null, { status: 204 }),
    "/lost": () => {
      throw new TypeError("the network is away");
    },
    ...{ "/1": late, "/2": late, "/3": late, "/4": late },
  });
  for (const [early, url] of [
    ["/other", "/1"],
    ["/none", "/2"],
    ["/lost", "/3"],
  ] as const) {
    void begin(early).catch(() => undefined);
    beginBy(early, url);
    expect(await text(url)).toBe("late");
  }
  beginBy("/never-asked", "/4");
  expect(await text("/4")).toBe("late");
  expect(asked).toEqual(["/other", "/1", "/none", "/2", "/lost", "/3", "/4"]);
});

test("a large answer can be read while it comes, and breaks off where it broke off", async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  let more: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      more = controller;
    },
  });
  served({ "/large": () => new Response(body) });
  void beginLarge("/large");
  const reader = (await takeBegun("/large"))?.body?.getReader();
  more?.enqueue(bytes("one"));
  expect((await reader?.read())?.value).toEqual(bytes("one"));
  more?.enqueue(bytes("two"));
  expect((await reader?.read())?.value).toEqual(bytes("two"));
  more?.error(new TypeError("the network is away"));
  await expect(reader?.read()).rejects.toThrow("away");
});
