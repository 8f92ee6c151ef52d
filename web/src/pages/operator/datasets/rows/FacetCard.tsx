import { useState } from "react";
import type { FacetFound } from "../../../../api/dataset-rows";
import { VisibleText } from "../../../../components/text/VisibleText";
import { spelledOut } from "../../../../components/text/visible";
import { choiceOf, facetName, inOrder, valueName } from "./facet-words";
import "../../../../components/charts/colours.css";
import classes from "./Rows.module.css";

export interface FacetCardProps {
  facet: FacetFound;
  where: readonly string[];
  /** Fewer rows than all match: bars of all stand behind those of the matching ones. */
  narrowed: boolean;
  onToggle: (choice: string) => void;
}

const AT_FIRST = 6;

/** How rows are distributed over the values of a facet: a bar chart that is a table, each value a filter. */
export function FacetCard({ facet, where, narrowed, onToggle }: FacetCardProps) {
  const [all, setAll] = useState(false);
  const ordered = inOrder(facet);
  const chosen = (value: string) => where.includes(choiceOf(facet.name, value));
  const shown = all ? ordered : ordered.filter((one, at) => at < AT_FIRST || chosen(one.value));
  const most = Math.max(1, ...ordered.map((one) => one.total));
  const title = facetName(facet.name);
  const more = ordered.length - Math.min(AT_FIRST, ordered.length);
  return (
    <div className={classes.facet}>
      <table className={classes.chart}>
        <caption>
          <VisibleText text={title} />
        </caption>
        <colgroup>
          <col />
          <col className={classes.number} />
        </colgroup>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Value</th>
            <th scope="col">{narrowed ? "Rows that match, of all" : "Rows"}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ value, count, total }) => (
            <tr key={value} data-none={count === 0 || undefined}>
              <th scope="row">
                <button
                  type="button"
                  className={classes.value}
                  aria-pressed={chosen(value)}
                  aria-label={`${spelledOut(title)}: ${spelledOut(valueName(facet.name, value))}`}
                  title={spelledOut(value)}
                  onClick={() => onToggle(choiceOf(facet.name, value))}
                >
                  <span className={classes.bar} style={{ width: `${(100 * total) / most}%` }} data-behind />
                  {count > 0 && <span className={classes.bar} style={{ width: `${(100 * count) / most}%` }} />}
                  <span className={classes.words}>
                    <VisibleText text={valueName(facet.name, value)} />
                  </span>
                </button>
              </th>
              <td title={narrowed ? `${count.toLocaleString()} of ${total.toLocaleString()}` : undefined}>
                {count.toLocaleString()}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show ${more.toLocaleString()} more`}
          <span className="visually-hidden"> of “{title}”</span>
        </button>
      )}
      {all && facet.more > 0 && (
        <p className={classes.rest}>{facet.more.toLocaleString()} rarer values are not listed.</p>
      )}
    </div>
  );
}
