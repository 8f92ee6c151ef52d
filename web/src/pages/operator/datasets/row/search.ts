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
}

export function readRowSearch(search: Record<string, unknown>): RowSearch {
  const { row, split, number, view, side } = search;
  return {
    // The router reads what looks like a number as one.
    ...(typeof row === "string" || typeof row === "number" ? { row: String(row) } : {}),
    ...(split === "train" || split === "test" ? { split } : {}),
    ...(typeof number === "number" && Number.isInteger(number) && number > 0 ? { number } : {}),
    ...(typeof view === "string" ? { view } : {}),
    ...(side === "A" || side === "B" ? { side } : {}),
  };
}
