import type { InfiniteData } from "@tanstack/react-query";
import type { ListPage } from "../../api/pages";

const FEW = 12;

/** Whether a list is long enough that one would rather search it than read it. */
export function manyRows(data: InfiniteData<ListPage<unknown>> | undefined): boolean {
  const first = data?.pages[0];
  return first !== undefined && (first.next !== null || first.rows.length > FEW);
}
