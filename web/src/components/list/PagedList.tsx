import { Button, Text } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { allRows, type ListPage } from "../../api/pages";
import { Empty } from "../feedback/Empty";
import { ErrorNotice } from "../feedback/ErrorNotice";
import classes from "./List.module.css";
import { ListSkeleton } from "./ListSkeleton";

export interface PagedListProps<Row> {
  query: UseInfiniteQueryResult<InfiniteData<ListPage<Row>>>;
  /** What the rows are, in the plural: "comparisons". */
  noun: string;
  row: (row: Row) => ReactNode;
  /** Shown in place of an empty list that no filter has made empty. */
  empty: ReactNode;
  filtered: boolean;
  onUnfilter: () => void;
  /** Of one row in pixels, so that nothing jumps when the rows come. */
  height?: number;
  /** How many rows will come, where that is known before them. */
  expected?: number;
  /** The rows are cards of their own. */
  bare?: boolean;
}

/** A list in every state: on its way, failed, empty, filtered to nothing, some of it, all of it. */
export function PagedList<Row>(props: PagedListProps<Row>) {
  const { query, noun, row, empty, filtered, onUnfilter, height } = props;
  const list = useRef<HTMLUListElement>(null);
  const known = useRef<number | null>(null);
  const count = query.data ? allRows(query.data).length : 0;
  useEffect(() => {
    if (known.current === null || count <= known.current) return;
    // The keyboard goes on at the first new row, not at the top of the page once the button has gone.
    const row = list.current?.children[known.current];
    known.current = null;
    row?.querySelector<HTMLElement>("a, button, input")?.focus({ preventScroll: true });
  }, [count]);
  if (query.isPending) return <ListSkeleton label={`Loading the ${noun}`} height={height} rows={props.expected} />;
  if (query.data === undefined) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const rows = allRows(query.data);
  if (rows.length === 0 && !filtered) return <>{empty}</>;
  if (rows.length === 0) {
    return (
      <Empty
        title={`No ${noun} match`}
        action={
          <Button size="xs" variant="default" mt={4} onClick={onUnfilter}>
            Show all
          </Button>
        }
      >
        Try another word, or look at all of them.
      </Empty>
    );
  }
  const more = () => {
    known.current = rows.length;
    void query.fetchNextPage();
  };
  const items = rows.map(row);
  return (
    <>
      {query.isRefetchError && <ErrorNotice error={query.error} title="What you see may be old" />}
      <ul ref={list} className={props.bare ? classes.cards : `surface ${classes.list}`}>
        {items}
      </ul>
      {query.isFetchNextPageError && (
        <ErrorNotice error={query.error} title={`The next ${noun} did not come`} onRetry={more} />
      )}
      {(query.hasNextPage || rows.length > 20) && (
        <div className={classes.more}>
          <Text size="sm" c="dimmed" role="status">
            {query.hasNextPage
              ? `The first ${rows.length.toLocaleString()} ${noun}`
              : `All ${rows.length.toLocaleString()} ${noun}`}
          </Text>
          {query.hasNextPage && (
            <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={more}>
              Show more
            </Button>
          )}
        </div>
      )}
    </>
  );
}
