import { type InfiniteData, infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { api, type RequestOptions } from "./client";

/** Some rows of a long list, and the cursor behind which the next ones stand; null at its end. */
export interface ListPage<Row> {
  rows: Row[];
  next: string | null;
}

export interface PagedOptions<Row> {
  key: readonly unknown[];
  path: string;
  /** Filters. They belong to the key: another filter is another list. */
  query: Record<string, string | number | undefined>;
  refetchEvery?: (rows: Row[]) => number | false;
}

/** A list that is read page by page, as the `Link` header of each answer leads on. */
export function pagedQuery<Row>({ key, path, query, refetchEvery }: PagedOptions<Row>) {
  return infiniteQueryOptions({
    queryKey: [...key, query],
    // While another filter is asked for, what was found before stays.
    placeholderData: keepPreviousData,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<ListPage<Row>> => {
      const options: RequestOptions = { query: { ...query, cursor: pageParam }, signal };
      const response = await api.raw(path, options);
      return { rows: (await response.json()) as Row[], next: nextCursor(response.headers.get("Link")) };
    },
    getNextPageParam: (last) => last.next,
    ...(refetchEvery
      ? {
          refetchInterval: (state: { state: { data?: InfiniteData<ListPage<Row>> } }) =>
            refetchEvery(state.state.data ? allRows(state.state.data) : []),
        }
      : {}),
  });
}

export function allRows<Row>(data: InfiniteData<ListPage<Row>>): Row[] {
  return data.pages.flatMap((page) => page.rows);
}

/** The list as it is kept, without some rows: what is known to be gone is not shown again until the server is asked. */
export function withoutRows<Row>(
  data: InfiniteData<ListPage<Row>> | undefined,
  gone: (row: Row) => boolean,
): InfiniteData<ListPage<Row>> | undefined {
  return (
    data && { ...data, pages: data.pages.map((page) => ({ ...page, rows: page.rows.filter((row) => !gone(row)) })) }
  );
}

/** The cursor in `Link: </api/v1/…?cursor=…>; rel="next"` (RFC 8288); null without one. */
export function nextCursor(link: string | null): string | null {
  const address = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  return address === undefined ? null : new URL(address, "http://any").searchParams.get("cursor");
}
