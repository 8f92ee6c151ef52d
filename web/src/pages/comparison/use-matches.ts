import { useEffect, useMemo, useRef, useState } from "react";
import type { Find } from "../../components/diff";
import { Matcher } from "../../components/search/matcher";
import { matchesIn } from "../../components/search/pattern";
import type { FindMatch } from "./find";
import { findAll } from "./find-all";
import type { Pane } from "./line-hooks";
import type { Changes } from "./use-changes";

/** Within this time nobody asks how far a search is. */
const SOON_MS = 2_000;

export interface FindQuery {
  pattern: RegExp;
  /** A person's own regular expression: nobody knows how long it takes. */
  own: boolean;
}

export interface Matches {
  /** What these are the matches of; null while nothing is searched for. */
  query: FindQuery | null;
  perPane: readonly (readonly FindMatch[])[];
  problem: string | null;
}

const NONE: Matches = { query: null, perPane: [], problem: null };

/** The matches of a pattern in the changes, searched in a worker; the last ones until the next are there. */
export function useMatches(
  changes: Changes,
  query: FindQuery | null,
  whole: ReadonlyMap<Pane, ReadonlyMap<string, string>>,
): Matches & { progress: number | null } {
  const [matcher] = useState(() => new Matcher());
  const [matches, setMatches] = useState(NONE);
  const [progress, setProgress] = useState<number | null>(null);
  useEffect(() => () => matcher.close(), [matcher]);
  useEffect(() => {
    setProgress(null);
    if (query === null) return setMatches(NONE);
    const abort = new AbortController();
    let share = 0;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      setProgress(share);
    }, SOON_MS);
    const sources = changes.panes.map((pane) => ({
      pane,
      files: changes.filesOf(pane),
      whole: whole.get(pane) ?? null,
    }));
    findAll(matcher, query.pattern, sources, abort.signal, (done) => {
      share = done;
      if (late) setProgress(done);
    }).then(
      (found) => {
        if (abort.signal.aborted) return;
        clearTimeout(timer);
        setMatches({ query, ...found });
        setProgress(null);
      },
      () => undefined, // given up: something else is searched for
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [matcher, changes, query, whole]);
  return { ...matches, progress };
}

/**
 * Where a pattern stands in lines that are drawn. Fixed text is found at once; a person's own pattern by a worker, and
 * no more once it took too long: the lines opened around a change are among them, which no search has seen.
 */
export function usePlaces(query: FindQuery | null): Find["places"] | null {
  const matcher = useRef<Matcher | null>(null);
  useEffect(() => () => matcher.current?.close(), []);
  return useMemo(() => {
    if (query === null) return null;
    const { pattern, own } = query;
    if (!own) return (lines) => lines.map((line) => matchesIn(line, pattern));
    let failed = false;
    return async (lines) => {
      matcher.current ??= new Matcher();
      try {
        return failed ? null : ((await matcher.current.find(pattern, [lines]))[0] ?? null);
      } catch {
        failed = true;
        return null;
      }
    };
  }, [query]);
}
