import type { ParsedFile } from "../../components/diff";
import { type Matcher, NotRun, TooSlow } from "../../components/search/matcher";
import { type FindMatch, type FindPart, linesOf, MOST_MATCHES, matchesOf, partsOf } from "./find";
import type { Pane } from "./line-hooks";

/** A pane's files, and those of them that are there whole: their text by path, as it is shown. */
export interface FindSource {
  pane: Pane;
  files: readonly ParsedFile[];
  whole: ReadonlyMap<string, string> | null;
}

export interface Found {
  /** One list for each source. */
  perPane: FindMatch[][];
  /** Why there are none. */
  problem: string | null;
}

/** As many lines as are made ready at a time: the page goes on drawing between. */
const LINES_AT_ONCE = 4_000;
/** A pattern that is slow everywhere is given up as well. */
const LIMIT_MS = 30_000;

/** Searches the lines of all panes. `onProgress` hears the share of files that are done; throws when it was aborted. */
export async function findAll(
  matcher: Pick<Matcher, "find">,
  pattern: RegExp,
  sources: readonly FindSource[],
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<Found> {
  const perPane: FindMatch[][] = sources.map(() => []);
  const total = sources.reduce((sum, source) => sum + source.files.length, 0);
  const began = performance.now();
  let done = 0;
  let pending: { part: FindPart; into: FindMatch[] }[] = [];
  let lines = 0;
  const search = async () => {
    const batch = pending;
    pending = [];
    lines = 0;
    const texts = batch.map(({ part }) => part.lines.map((line) => line.text));
    try {
      const found = await matcher.find(pattern, texts, signal);
      batch.forEach(({ part, into }, index) => {
        const matches = matchesOf(part, found[index] ?? []);
        into.push(...matches.slice(0, MOST_MATCHES - into.length));
      });
    } catch (error) {
      if (error instanceof TooSlow) throw new Problem(tooSlow(`on ${batch[error.part]?.part.path ?? "these files"}`));
      throw error;
    }
    onProgress(done / total);
    if (performance.now() - began > LIMIT_MS) throw new Problem(tooSlow("on so many lines"));
  };
  try {
    for (const [index, { pane, files, whole }] of sources.entries()) {
      const into = perPane[index] ?? [];
      for (const file of files) {
        done += 1;
        if (into.length >= MOST_MATCHES) continue;
        for (const part of partsOf(pane, file.path, linesOf(file, whole?.get(file.path)))) {
          pending.push({ part, into });
          lines += part.lines.length;
          if (lines >= LINES_AT_ONCE) await search();
        }
      }
    }
    if (pending.length > 0) await search();
  } catch (error) {
    if (error instanceof Problem) return { perPane: sources.map(() => []), problem: error.message };
    if (error instanceof NotRun) return { perPane: sources.map(() => []), problem: NOT_RUN };
    throw error;
  }
  return { perPane, problem: null };
}

class Problem extends Error {}

const NOT_RUN = "Your browser can’t run this search. Make the pattern simpler, or reload the page.";

function tooSlow(where: string): string {
  return `This pattern takes too long ${where}. Make it simpler, or search for plain text.`;
}
