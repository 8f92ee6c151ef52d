import { comparisonQuery, isShown } from "../../api/comparisons";
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
  // Read in slices, as soon as there is something to read and the code to do it: not only when there is a place to show it.
  const { parsedQuery } = await import("./use-patch");
  for (const to of ["A", "B"] as const)
    if (turn.sides[to].commit) void queryClient.prefetchQuery(parsedQuery({ ...of, to, ignoreWhitespace }));
}
