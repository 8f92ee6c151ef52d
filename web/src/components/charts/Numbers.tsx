import type { ReactNode } from "react";
import { VisibleText } from "../text/VisibleText";
import classes from "./Chart.module.css";

interface Props {
  label: string;
  heads: string[];
  rows: ReactNode[][];
  /** The heads under which words stand, not numbers. */
  words?: string[];
  /** As tall as it is: for tables of a few dozen rows that stand by themselves. */
  whole?: boolean;
}

/** The numbers of a chart as a table; the first cell names its row. */
export function Numbers({ label, heads, rows, words = [], whole = false }: Props) {
  const kind = (head: string | undefined) => (head && words.includes(head) ? classes.words : undefined);
  const frame = whole ? `${classes.scroll} ${classes.whole}` : classes.scroll;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={frame} tabIndex={0} aria-label={`${label}, table`}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className={kind(head)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows stand still, and may be alike
            <tr key={row}>
              {cells.map((cell, column) =>
                column === 0 ? (
                  <th key={heads[column]} scope="row">
                    {typeof cell === "string" ? <VisibleText text={cell} /> : cell}
                  </th>
                ) : (
                  <td key={heads[column]} className={kind(heads[column])}>
                    {typeof cell === "string" ? <VisibleText text={cell} /> : cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
