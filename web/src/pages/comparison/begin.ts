import { comparisonQuery, isShown, patchQuery } from "../../api/comparisons";
import { ratingsQuery } from "../../api/ratings";
import { sessionQuery } from "../../api/session";
import { queryClient } from "../../query-client";

/**
 * What a comparison's page will ask for, asked for at once, side by side: each answer would else wait for the one before
 * it to be drawn. The page itself shows what comes of it.
 */
export function beginComparison(id: string, search: { turn?: number; view?: string }): void {
  void queryClient.prefetchQuery(sessionQuery);
  void queryClient.prefetchQuery(ratingsQuery(id));
  void beginPatches(id, search);
}

async function beginPatches(id: string, search: { turn?: number; view?: string }): Promise<void> {
  await queryClient.prefetchQuery(comparisonQuery(id));
  if ((search.view ?? "changes") !== "changes") return;
  const comparison = queryClient.getQueryData(comparisonQuery(id).queryKey);
  const turn = comparison?.turns.find((entry) => entry.number === search.turn) ?? comparison?.turns.at(-1);
  if (!turn || !isShown(turn)) return;
  const of = { comparison: id, turn: turn.number, from: turn.number === 1 ? ("base" as const) : ("start" as const) };
  const ignoreWhitespace = localStorage.getItem("marlin-changes-ignore-whitespace") === "true";
  for (const to of ["A", "B"] as const)
    if (turn.sides[to].commit) void queryClient.prefetchQuery(patchQuery({ ...of, to, ignoreWhitespace }));
}

/** The same for the page that is being opened: before anything is drawn, and with its code. */
export function beginPage({ pathname, search }: Location): void {
  const id = /^\/comparisons\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (id === undefined) return;
  const wanted = new URLSearchParams(search);
  const turn = Number(wanted.get("turn"));
  const view = wanted.get("view") ?? undefined;
  // First the questions: a browser has six connections, and the code takes all of them.
  beginComparison(decodeURIComponent(id), { view, ...(turn > 0 ? { turn } : {}) });
  if ((view ?? "changes") === "changes") void import("./ChangesView");
  void import("./ComparisonPage");
}
