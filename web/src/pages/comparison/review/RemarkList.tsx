import { fieldWords, useGoToFinding } from "../evidence/use-go-to-finding";
import classes from "./Remarks.module.css";

export interface ListedRemark {
  turn: number;
  field: string;
  /** Said behind it: whether it is open, say. */
  state?: string;
}

/** All remarks at a glance, each a way to its answer. */
export function RemarkList({ comparison, remarks }: { comparison: string; remarks: readonly ListedRemark[] }) {
  const goTo = useGoToFinding(comparison);
  return (
    <ul className={classes.list}>
      {remarks.map(({ turn, field, state }) => (
        <li key={`${turn}/${field}`}>
          <button type="button" onClick={() => goTo({ turn, field })}>
            Turn {turn}: {fieldWords(field)}
          </button>
          {state && <span className={classes.state}>{state}</span>}
        </li>
      ))}
    </ul>
  );
}
