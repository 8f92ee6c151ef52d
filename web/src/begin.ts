import { apiUrl, begin } from "./api/begun";
import { firstPatches, patchAddress } from "./api/first-patches";
import type { Comparison } from "./api/types";
import { startWorker } from "./components/diff/first-worker";
import { holdBack } from "./opening";

/**
 * What the page that is being opened will ask for, asked for before its code is here: answers, code and the worker that
 * colours code come side by side; each would else wait for the one before it.
 */
export function beginPage({ pathname, search }: Location): void {
  void begin(apiUrl("/session"));
  const id = /^\/comparisons\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (id === undefined) return;
  const wanted = new URLSearchParams(search);
  const path = `/comparisons/${id}`; // as it stands: one that can't be decoded is the page's to refuse
  const changes = (wanted.get("view") ?? "changes") === "changes";
  // First the questions: a browser has six connections, and the code takes all of them.
  const comparison = begin(apiUrl(path));
  void begin(apiUrl(`${path}/ratings`));
  if (changes) {
    holdBack();
    startWorker();
    void beginPatches(Number(wanted.get("turn")), comparison);
  }
  void import("./app");
  void import("./pages/comparison/ComparisonPage");
  if (changes) void import("./pages/comparison/ChangesView");
}

async function beginPatches(wanted: number, asked: Promise<Response>): Promise<void> {
  const comparison = await asked
    .then((answer) => (answer.ok ? (answer.clone().json() as Promise<Comparison>) : null))
    .catch(() => null); // the page asks itself, and tells
  if (comparison === null) return;
  for (const request of firstPatches(comparison, wanted)) {
    const { path, query } = patchAddress(request);
    void begin(apiUrl(path, query));
  }
}
