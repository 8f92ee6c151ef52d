import { comparisonQuery } from "../../api/comparisons";
import { firstPatches } from "../../api/first-patches";
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

/** What the page at an address needs to be drawn whole: who is signed in, and a comparison that it names. */
export async function firstAnswers({ pathname }: { pathname: string }): Promise<void> {
  const id = /^\/comparisons\/([^/]+)\/?$/.exec(pathname)?.[1];
  const asked = [queryClient.prefetchQuery(sessionQuery)];
  if (id !== undefined)
    asked.push(queryClient.prefetchQuery(comparisonQuery(id)), queryClient.prefetchQuery(ratingsQuery(id)));
  await Promise.all(asked);
}

async function beginPatches(id: string, search: { turn?: number; view?: string }): Promise<void> {
  await queryClient.prefetchQuery(comparisonQuery(id));
  if ((search.view ?? "changes") !== "changes") return;
  const comparison = queryClient.getQueryData(comparisonQuery(id).queryKey);
  if (comparison === undefined) return;
  // Read in slices, as soon as there is something to read and the code to do it: not only when there is a place to show it.
  const { parsedQuery } = await import("./use-patch");
  for (const request of firstPatches(comparison, search.turn)) void queryClient.prefetchQuery(parsedQuery(request));
}
