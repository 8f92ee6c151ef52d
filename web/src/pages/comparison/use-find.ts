import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import { fetchBlob } from "../../api/comparisons";
import { type Find, tameWhole } from "../../components/diff";
import { patternOf, type SearchWish } from "../../components/search/pattern";
import { type FindMatch, inOrder, rangeOf } from "./find";
import type { Pane } from "./line-hooks";
import type { Changes } from "./use-changes";
import { useMatches, usePlaces } from "./use-matches";
import type { Reader } from "./use-reader";
import type { Step } from "./walking";

/** Whole files are fetched a few at a time, and no more than this many: the rest is searched in the diff alone. */
const AT_ONCE = 4;
const MOST_WHOLE = 400;

export interface FindState {
  open: boolean;
  setOpen: (open: boolean) => void;
  wish: SearchWish;
  setWish: (wish: SearchWish) => void;
  whole: boolean;
  setWhole: (whole: boolean) => void;
  /** Whole files that are still being fetched. */
  waiting: number;
  error: string | null;
  /** Share of the files that are searched; null while that is soon over. */
  progress: number | null;
  counts: { pane: Pane; count: number }[];
  total: number;
  /** Number of the current match, from 1; 0: none was gone to yet. */
  position: number;
  go: (step: Step) => void;
  findOf: (pane: Pane) => Find | null;
}

/** The page's own search: the browser's can't see lines that are not drawn. */
export function useFind(changes: Changes, reader: Reader, of: { comparison: string; turn: number }): FindState {
  const [open, setOpen] = useState(false);
  const [wish, setWish] = useState<SearchWish>({ text: "", matchCase: false, words: false, regex: false });
  const [whole, setWhole] = useState(false);
  const [current, setCurrent] = useState<FindMatch | null>(null);
  const [settled] = useDebouncedValue(wish, 120);
  const wanted = useMemo(() => (open ? patternOf(settled) : null), [open, settled]);
  const query = useMemo(
    () => (wanted instanceof RegExp ? { pattern: wanted, own: Boolean(settled.regex) } : null),
    [wanted, settled],
  );
  const texts = useWhole(changes, of, open && whole);
  const { panes } = changes;
  const found = useMatches(changes, query, texts.byPane);
  const { perPane, progress, problem } = found;
  const matches = useMemo(
    () =>
      inOrder(
        perPane,
        changes.list.map((file) => file.path),
      ),
    [perPane, changes],
  );
  const places = usePlaces(problem === null ? found.query : null);
  const finds = useMemo(() => {
    const make = (pane: Pane): Find | null =>
      places ? { places, current: current?.pane === pane ? current : null } : null;
    return new Map<Pane, Find | null>([
      ["A", make("A")],
      ["B", make("B")],
      ["between", make("between")],
    ]);
  }, [places, current]);
  const at = current ? matches.findIndex((match) => same(match, current)) : -1;
  const step = (by: Step) => {
    const start = at === -1 ? (by === 1 ? -1 : 0) : at;
    const next = matches[(start + by + matches.length) % matches.length];
    if (!next) return;
    setCurrent(next);
    void reader.reveal(next.pane, rangeOf(next));
  };
  // Who presses Enter right after the last letter means what they typed, not what was found before.
  const [asked, setAsked] = useState<Step | null>(null);
  const settling = settled !== wish || found.query !== query;
  const stepNow = useRef(step);
  stepNow.current = step;
  useEffect(() => {
    if (settling || asked === null) return;
    setAsked(null);
    stepNow.current(asked);
  }, [settling, asked]);
  return {
    open,
    setOpen,
    wish,
    setWish,
    whole,
    setWhole,
    waiting: texts.waiting,
    error: typeof wanted === "string" ? wanted : found.query === query ? problem : null,
    progress,
    counts: panes.map((pane, index) => ({ pane, count: perPane[index]?.length ?? 0 })),
    total: matches.length,
    position: at + 1,
    go: (by) => (settling ? setAsked(by) : step(by)),
    findOf: (pane) => finds.get(pane) ?? null,
  };
}

function same(one: FindMatch, other: FindMatch): boolean {
  return (
    one.pane === other.pane &&
    one.path === other.path &&
    one.which === other.which &&
    one.line === other.line &&
    one.at === other.at
  );
}

interface Texts {
  byPane: ReadonlyMap<Pane, ReadonlyMap<string, string>>;
  waiting: number;
}

const NO_TEXTS: Texts = { byPane: new Map(), waiting: 0 };

/** The changed files of the panes, whole, as far as they have come. */
function useWhole(changes: Changes, of: { comparison: string; turn: number }, wanted: boolean): Texts {
  const [texts, setTexts] = useState<Texts>(NO_TEXTS);
  const { comparison, turn } = of;
  useEffect(() => {
    if (!wanted) return setTexts(NO_TEXTS);
    let stopped = false;
    const wishes = changes.panes.flatMap((pane) =>
      changes.filesOf(pane).flatMap((file) => {
        const partial = file.diff !== null && file.status !== "A" && file.status !== "D" && !file.binary;
        return partial ? [{ pane, path: file.path, endings: file.endings, to: changes.pointsOf(pane).to }] : [];
      }),
    );
    const queue = wishes.slice(0, MOST_WHOLE);
    const byPane = new Map<Pane, Map<string, string>>(changes.panes.map((pane) => [pane, new Map()]));
    let waiting = queue.length;
    const tell = () => !stopped && setTexts({ byPane: new Map(byPane), waiting });
    tell();
    const work = async () => {
      for (let next = queue.shift(); next && !stopped; next = queue.shift()) {
        const { pane, path, endings, to } = next;
        try {
          byPane.get(pane)?.set(path, tameWhole(await fetchBlob(comparison, turn, to, path, to), endings));
        } catch {
          // Too large, or gone: its diff is searched all the same.
        }
        waiting -= 1;
        if (waiting % 25 === 0) tell();
      }
    };
    void Promise.all(Array.from({ length: AT_ONCE }, work)).then(tell);
    return () => {
      stopped = true;
    };
  }, [wanted, comparison, turn, changes]);
  return texts;
}
