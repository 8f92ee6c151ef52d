import { apiUrl, begin } from "./api/begun";
import type { Comparison, Turn } from "./api/types";
import { startWorker } from "./components/diff/first-worker";

/**
 * What the page that is being opened will ask for, asked for before its code is here: answers, code and the worker that
 * colours code come side by side; each would else wait for the one before it.
 */
export function beginPage({ pathname, search }: Location): void {
  void begin(apiUrl("/session"));
  const id = /^\/comparisons\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (id === undefined) return;
  const wanted = new URLSearchParams(search);
  const path = `/comparisons/${decodeURIComponent(id)}`;
  const changes = (wanted.get("view") ?? "changes") === "changes";
  // First the questions: a browser has six connections, and the code takes all of them.
  const comparison = begin(apiUrl(path));
  void begin(apiUrl(`${path}/ratings`));
  if (changes) {
    startWorker();
    void beginPatches(path, Number(wanted.get("turn")), comparison);
  }
  void import("./app");
  void import("./pages/comparison/ComparisonPage");
  if (changes) void import("./pages/comparison/ChangesView");
}

async function beginPatches(path: string, wanted: number, asked: Promise<Response>): Promise<void> {
  const comparison = await asked
    .then((answer) => (answer.ok ? (answer.clone().json() as Promise<Comparison>) : null))
    .catch(() => null); // the page asks itself, and tells
  const turn = comparison?.turns.find((entry) => entry.number === wanted) ?? comparison?.turns.at(-1);
  if (!turn || !isShown(turn)) return;
  const from = turn.number === 1 ? "base" : "start";
  const whitespace = localStorage.getItem("marlin-changes-ignore-whitespace") === "true" ? "ignore" : undefined;
  for (const to of ["A", "B"] as const)
    if (turn.sides[to].commit) void begin(apiUrl(`${path}/turns/${turn.number}/patch`, { from, to, whitespace }));
}

/** As in api/comparisons, whose code is not here yet. */
function isShown(turn: Turn): boolean {
  return turn.status === "checking" || turn.status === "ready";
}
