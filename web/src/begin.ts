import { apiUrl, begin, beginBy, beginLarge } from "./api/begun";
import { firstPatches, openingAddress, patchAddress } from "./api/first-patches";
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
    void beginPatches(id, Number(wanted.get("turn")), comparison);
  }
  void import("./app");
  void import("./pages/comparison/ComparisonPage");
  if (changes) void import("./pages/comparison/ChangesView");
}

/**
 * A's patch, with which code begins, is asked for before the comparison has told which it is: the service knows. B's has to
 * wait for that, or too few connections would be left for the code.
 */
async function beginPatches(id: string, wanted: number, asked: Promise<Response>): Promise<void> {
  const { path, query } = openingAddress(id, "A", wanted);
  const early = apiUrl(path, query);
  void beginLarge(early);
  const comparison = await asked
    .then((answer) => (answer.ok ? (answer.clone().json() as Promise<Comparison>) : null))
    .catch(() => null); // the page asks itself, and tells
  if (comparison === null) return;
  for (const request of firstPatches(comparison, wanted)) {
    const { path, query } = patchAddress(request);
    if (request.to === "A") beginBy(early, apiUrl(path, query));
    else void beginLarge(apiUrl(path, query));
  }
}
