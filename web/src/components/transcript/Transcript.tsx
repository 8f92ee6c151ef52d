import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { TranscriptFeed } from "./feed";
import type { Fold, TranscriptItem } from "./items";
import { PlanList } from "./PlanList";
import { Toolbar } from "./Toolbar";
import classes from "./Transcript.module.css";
import { TranscriptRow } from "./TranscriptRow";
import { useFollow } from "./use-follow";
import { useMarks } from "./use-marks";
import { useTranscriptSearch } from "./use-search";

export interface TranscriptProps {
  feed: TranscriptFeed;
  label: string;
  /** Stands first in the toolbar: whose transcript it is. */
  head?: ReactNode;
  /** It grows: stays at the end, unless the reader has scrolled up. */
  live?: boolean;
  empty: string;
  /** A step to scroll to and mark. */
  target?: number | null;
  /** Another one each time the step is asked for. */
  jump?: number | undefined;
  actions?: (item: TranscriptItem, active: boolean) => ReactNode;
  /** Stands below a step: that it is cited, or commented on. */
  notes?: (item: TranscriptItem) => ReactNode;
  onOpenFile?: (path: string) => void;
  /** Said under the toolbar: what is being read, or what failed. */
  notice?: ReactNode;
}

/** A virtualised transcript: a hundred thousand rows, some dozens of them in the document. */
export function Transcript(props: TranscriptProps) {
  const { feed, label, live = false } = props;
  const version = useSyncExternalStore(feed.subscribe, feed.getVersion);
  const { fold } = feed;
  const { items } = fold;
  const box = useRef<HTMLDivElement>(null);
  const searchBox = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [allOpen, setAllOpen] = useState(false);
  const [marked, setMarked] = useState<string | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const search = useTranscriptSearch(items, version);
  const atEnd = useRef(live);
  const rows = useRows(fold, box, atEnd);
  const total = rows.getTotalSize();
  const follow = useFollow(box, live, fold.steps, total);
  atEnd.current = follow.following;
  const { leave } = follow;
  useStayingPut(fold, rows, box, follow.following);
  const drawn = rows.getVirtualItems();
  useMarks(box, search.words, `${version}/${drawn[0]?.index}/${drawn.at(-1)?.index}/${opened.size}/${search.at}`);

  /** With all opened, the set names the closed ones. */
  const isOpen = (key: string) => opened.has(key) !== allOpen;
  const toggle = useCallback((key: string) => {
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const goTo = useCallback(
    (index: number) => {
      leave();
      setMarked(fold.items[index]?.key ?? null);
      rows.scrollToIndex(index, { align: "center" });
    },
    [fold, rows, leave],
  );

  const { target } = props;
  // While the end alone is here its steps have no true numbers; from the beginning on, a step is found once it is read.
  const reached = feed.state.kind !== "earlier" && target ? fold.indexOfStep(target) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another step is named or found at last, not when rows open
  useEffect(() => {
    const key = fold.items[reached]?.key;
    if (key === undefined) return;
    setOpened((before) => (allOpen ? before : new Set(before).add(key)));
    goTo(reached);
    box.current?.focus({ preventScroll: true });
  }, [target, props.jump, reached, fold]);

  const found = search.found[search.at];
  // biome-ignore lint/correctness/useExhaustiveDependencies: goes where the search stands, not back there when rows change
  useEffect(() => {
    const key = found === undefined ? undefined : fold.items[found]?.key;
    if (found === undefined || key === undefined) return;
    setOpened((before) => (allOpen || before.has(key) ? before : new Set(before).add(key)));
    goTo(found);
  }, [found]);

  /** Moves the keyboard to a step, which may have to be drawn first. */
  const enter = (index: number) => {
    const key = items[index]?.key;
    if (key === undefined) return;
    leave();
    setActive(key);
    rows.scrollToIndex(index, { align: "auto" });
    const focus = () => box.current?.querySelector<HTMLElement>(`[data-index="${index}"] > article`)?.focus();
    requestAnimationFrame(() => requestAnimationFrame(focus));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    const onStep = target.parentElement?.dataset.index !== undefined && target.tagName === "ARTICLE";
    const at = onStep ? Number(target.parentElement?.dataset.index) : -1;
    const done = () => event.preventDefault();
    if (target !== box.current && !onStep) return;
    if (event.key === "End" && live && !onStep) {
      done();
      follow.jump();
    } else if (event.key === "/") {
      done();
      searchBox.current?.focus();
    } else if (!onStep && event.key === "Enter") {
      done();
      const top = box.current?.scrollTop ?? 0;
      enter(drawn.find((row) => row.start >= top)?.index ?? 0);
    } else if (onStep && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      done();
      enter(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (onStep && event.key === "Escape") {
      done();
      box.current?.focus({ preventScroll: true });
    }
  };
  return (
    <section className={classes.pane} aria-label={label}>
      <Toolbar
        head={props.head}
        label={label}
        fold={fold}
        version={version}
        search={search}
        searchBox={searchBox}
        anyOpen={allOpen || opened.size > 0}
        onFoldAll={(open) => {
          setAllOpen(open);
          setOpened(new Set());
        }}
        onGoTo={goTo}
        onOpenFile={props.onOpenFile}
      />
      {props.notice}
      {fold.plan.length > 0 && <PlanList entries={fold.plan} />}
      <div className={classes.scroller}>
        <div
          ref={box}
          className={classes.box}
          role="feed"
          aria-busy={feed.state.kind !== "whole"}
          aria-label={`Steps of ${label}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
          {...follow.handlers}
          onKeyDown={onKeyDown}
        >
          {items.length === 0 ? (
            <p className={classes.empty}>{feed.state.kind === "loading" ? "" : props.empty}</p>
          ) : (
            <div className={classes.rows} style={{ height: total }}>
              {drawn.map((row) => {
                const item = items[row.index];
                return item ? (
                  <div
                    key={row.key}
                    ref={rows.measureElement}
                    data-index={row.index}
                    className={classes.row}
                    style={{ transform: `translateY(${row.start}px)` }}
                  >
                    <TranscriptRow
                      item={item}
                      open={isOpen(item.key)}
                      marked={item.key === marked}
                      active={item.key === active}
                      place={row.index + 1}
                      count={feed.state.kind === "whole" && !live ? items.length : -1}
                      onToggle={toggle}
                      actions={props.actions}
                      notes={props.notes}
                    />
                  </div>
                ) : null;
              })}
            </div>
          )}
        </div>
        {live && !follow.following && (
          <button type="button" className={classes.jump} onClick={follow.jump}>
            Jump to the latest
            {follow.unseen > 0 && <span aria-live="polite"> · {follow.unseen.toLocaleString()} new</span>}
          </button>
        )}
      </div>
    </section>
  );
}

type Box = RefObject<HTMLDivElement | null>;

/** Height of the smallest row. */
const LEAST = 34;

function useRows(fold: Fold, box: Box, atEnd: RefObject<boolean>) {
  // These must stay the same functions: with others every size is reckoned anew.
  const getScrollElement = useCallback(() => box.current, [box]);
  const estimateSize = useCallback((index: number) => (fold.items[index]?.type === "message" ? 90 : 38), [fold]);
  const getItemKey = useCallback((index: number) => fold.items[index]?.key ?? index, [fold]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      if (!atEnd.current) return defaultRangeExtractor(range);
      // Who stays at the end does not scroll: rows out of sight would be drawn to be pushed away by the next ones.
      const drawn = defaultRangeExtractor({ ...range, overscan: 1 });
      // What is new would otherwise be drawn only after the scrolling to it was noticed: a frame too late, with a gap.
      const last = Math.ceil((box.current?.clientHeight ?? 0) / LEAST) + 1;
      const first = Math.max((drawn.at(-1) ?? -1) + 1, range.count - last);
      for (let index = first; index < range.count; index++) drawn.push(index);
      return drawn;
    },
    [atEnd, box],
  );
  return useVirtualizer({
    ...{ count: fold.items.length, getScrollElement, estimateSize, getItemKey, rangeExtractor },
    ...{ overscan: 8, paddingStart: 8, paddingEnd: 16 },
  });
}

type Rows = ReturnType<typeof useRows>;

/** When what came before the end has been read, the rows in view stay where they are. */
function useStayingPut(fold: Fold, rows: Rows, box: Box, following: boolean): void {
  const before = useRef({ fold, key: "", offset: 0 });
  useLayoutEffect(() => {
    const node = box.current;
    if (before.current.fold !== fold) {
      const index = fold.find(before.current.key);
      const start = index < 0 ? undefined : rows.measurementsCache[index]?.start;
      if (node && start !== undefined && !following) node.scrollTop = start + before.current.offset;
    }
    // As the virtualiser knows it: to ask the box would make the browser lay out the page with every drawing.
    const top = rows.scrollOffset ?? 0;
    const first = rows.getVirtualItemForOffset(top);
    before.current = { fold, key: String(first?.key ?? ""), offset: top - (first?.start ?? 0) };
  });
}
