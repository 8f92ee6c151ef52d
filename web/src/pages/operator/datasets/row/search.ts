import type { Split } from "../../../../api/datasets";
import type { Side } from "../../../../api/types";

/** Which row of a dataset an address names, and what of it is shown. Pure. */
export interface RowSearch {
  /** Its id; else split and number say which. */
  row?: string;
  split?: Split;
  number?: number;
  view?: string;
  /** The side that is shown where there is room for one alone. */
  side?: Side;
  /** Which rows are gone through, as `Among` has it. */
  where?: string[];
  q?: string;
}

/** Which rows somebody chose, and from which on the list is shown. */
export function readAmong({ where, q, start }: Record<string, unknown>): {
  where?: string[];
  q?: string;
  start?: number;
} {
  const named = (Array.isArray(where) ? where : [where]).filter((one) => typeof one === "string");
  return {
    ...(named.length > 0 ? { where: named } : {}),
    ...((typeof q === "string" && q !== "") || typeof q === "number" ? { q: String(q) } : {}),
    ...(typeof start === "number" && Number.isInteger(start) && start > 0 ? { start } : {}),
  };
}

export function readRowSearch(search: Record<string, unknown>): RowSearch {
  const { row, split, number, view, side } = search;
  const { where, q } = readAmong(search);
  return {
    ...(where ? { where } : {}),
    ...(q ? { q } : {}),
    // The router reads what looks like a number as one.
    ...(typeof row === "string" || typeof row === "number" ? { row: String(row) } : {}),
    ...(split === "train" || split === "test" ? { split } : {}),
    ...(typeof number === "number" && Number.isInteger(number) && number > 0 ? { number } : {}),
    ...(typeof view === "string" ? { view } : {}),
    ...(side === "A" || side === "B" ? { side } : {}),
  };
}
