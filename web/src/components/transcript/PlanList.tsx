import type { PlanEntry } from "../../api/types";
import { VisibleText } from "../text/VisibleText";
import classes from "./Transcript.module.css";

const MARK: Record<PlanEntry["status"], string> = { pending: "○", in_progress: "◐", completed: "●" };
const WORDS: Record<PlanEntry["status"], string> = { pending: "to do", in_progress: "under way", completed: "done" };

/** What the agent means to do, and how far it is. The step under way is said even when folded. */
export function PlanList({ entries }: { entries: PlanEntry[] }) {
  const done = entries.filter((entry) => entry.status === "completed").length;
  const now = entries.find((entry) => entry.status === "in_progress");
  return (
    <details className={classes.plan}>
      <summary>
        <span className={classes.tag}>Plan</span> {done} of {entries.length} done
        {now && (
          <span className={classes.planNow}>
            {" · "}
            <VisibleText text={now.content} />
          </span>
        )}
      </summary>
      <ol>
        {entries.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a plan may name the same thing twice
          <li key={at} data-status={entry.status}>
            <span aria-hidden>{MARK[entry.status]}</span> <VisibleText text={entry.content} />
            <span className="visually-hidden"> ({WORDS[entry.status]})</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
