import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { Matcher, type MatchWorker, TooSlow } from "./matcher";
import { answer, type MatchAnswer, type MatchRequest } from "./matching";

/** A thread of Node behind the face of a browser's worker: it can hang, and be stopped, like one. */
class Thread implements MatchWorker {
  static running = 0;
  onmessage: MatchWorker["onmessage"] = null;
  onerror: MatchWorker["onerror"] = null;
  #thread = new Worker(
    `const { parentPort } = require("node:worker_threads");
     parentPort.on("message", ({ id, source, flags, parts }) => {
       parts.forEach((lines, part) => {
         const found = [];
         lines.forEach((line, at) => {
           for (const match of line.matchAll(new RegExp(source, flags))) found.push(at, match.index, match[0].length);
         });
         parentPort.postMessage({ id, part, found: Int32Array.from(found) });
       });
     });
     parentPort.postMessage("ready");`,
    { eval: true },
  );
  constructor() {
    Thread.running += 1;
    this.#thread.on("message", (data: MatchAnswer | "ready") => this.onmessage?.({ data } as MessageEvent));
    this.#thread.on("exit", () => {
      Thread.running -= 1;
    });
  }
  postMessage(request: MatchRequest) {
    this.#thread.postMessage(request);
  }
  terminate() {
    void this.#thread.terminate();
  }
}

let matcher = new Matcher(() => new Thread(), 5_000);
afterEach(async () => {
  matcher.close();
  await expect.poll(() => Thread.running).toBe(0);
});

const FOREVER = [`${"a".repeat(60)}!`];
const at = (found: readonly (readonly (readonly { at: number }[])[])[]) =>
  found.map((part) => part.map((line) => line.map((place) => place.at)));

test("parts are answered line by line, and requests one after the other", async () => {
  matcher = new Matcher(() => new Thread(), 5_000);
  const [one, other] = await Promise.all([
    matcher.find(/a/gu, [["banana", "kiwi"], ["a"]]),
    matcher.find(/k/gu, [["kiwi"]]),
  ]);
  expect(at(one)).toEqual([[[1, 3, 5], []], [[0]]]);
  expect(at(other)).toEqual([[[0]]]);
  expect(await matcher.find(/a/gu, [])).toEqual([]);
  expect(Thread.running).toBe(1);
});

test("a pattern that never comes back is stopped, named by its part, and the next one is answered", async () => {
  matcher = new Matcher(() => new Thread(), 200);
  const slow = matcher.find(/(a+)+$/gu, [["ab"], FOREVER]);
  await expect(slow).rejects.toThrow(TooSlow);
  expect(await slow.catch((error: TooSlow) => error.part)).toBe(1);
  expect(at(await matcher.find(/b/gu, [["ab"]]))).toEqual([[[1]]]);
});

test("what is given up is stopped at once, also before it began", async () => {
  matcher = new Matcher(() => new Thread(), 60_000);
  const abort = new AbortController();
  const running = matcher.find(/(a+)+$/gu, [FOREVER], abort.signal);
  const waiting = matcher.find(/a/gu, [["a"]], abort.signal);
  setTimeout(() => abort.abort(), 100);
  await expect(running).rejects.toThrow(/abort/i);
  await expect(waiting).rejects.toThrow(/abort/i);
  const closed = matcher.find(/(a+)+$/gu, [FOREVER]);
  setTimeout(() => matcher.close(), 100);
  await expect(closed).rejects.toThrow("closed");
});

test("the worker's own work: empty matches count for nothing, and a line's matches have an end", () => {
  const told: MatchAnswer[] = [];
  answer({ id: 7, source: "x*", flags: "gu", parts: [["axxa", "a"], ["x".repeat(3)]] }, (one) => told.push(one));
  expect(told.map(({ id, part, found }) => [id, part, [...found]])).toEqual([
    [7, 0, [0, 1, 2]],
    [7, 1, [0, 0, 3]],
  ]);
  answer({ id: 8, source: "x", flags: "gu", parts: [["x".repeat(5_000)]] }, (one) => told.push(one));
  expect(told.at(-1)?.found.length).toBe(3 * 1_000);
});
