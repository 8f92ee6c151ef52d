import { Link } from "@tanstack/react-router";
import type { Among, RowLine } from "../../../../api/dataset-rows";
import { VisibleText } from "../../../../components/text/VisibleText";
import { categoryOf, verdictOf } from "../row/row-words";
import { valueName } from "./facet-words";
import classes from "./Rows.module.css";

export interface RowListProps {
  dataset: string;
  among: Among;
  rows: RowLine[];
}

/** Rows in a list, each a way to its comparison; there one goes on among the same rows. */
export function RowList({ dataset, among, rows }: RowListProps) {
  if (rows.length === 0) return <p className={classes.rest}>No row is all of that. Take something back.</p>;
  const { where, q } = among;
  const search = {
    ...(where && where.length > 0 ? { where } : {}),
    ...(q ? { q } : {}),
  };
  return (
    <ul className={classes.rows} aria-label="Rows that match">
      {rows.map((row) => (
        <li key={row.id} className={classes.row}>
          <Link
            to="/operator/datasets/$id/row"
            params={{ id: dataset }}
            search={{ row: row.id, ...search }}
            className={classes.title}
          >
            <VisibleText text={row.title || "A request without words"} />
          </Link>
          <span className={classes.verdict} data-side={row.label === "A" || row.label === "B" ? row.label : undefined}>
            {verdictOf(row)}
          </span>
          <span className={classes.about}>
            {row.split} {row.number.toLocaleString()} · <VisibleText text={categoryOf(row.category)} /> ·{" "}
            <bdi>
              <VisibleText text={valueName("repository", row.repository)} />
            </bdi>
            {row.turn > 1 && ` · turn ${row.turn}`}
            {row.n > 1 && ` · ${row.n} people`}
            {!row.pairs && " · in no pair"}
          </span>
        </li>
      ))}
    </ul>
  );
}
