import type { PlanEntry } from "../../api/types";
import classes from "./Transcript.module.css";

const MARK: Record<PlanEntry["status"], string> = { pending: "○", in_progress: "◐", completed: "●" };
const WORDS: Record<PlanEntry["status"], string> = { pending: "to do", in_progress: "under way", completed: "done" };

export function PlanList({ entries }: { entries: PlanEntry[] }) {
  const done = entries.filter((entry) => entry.status === "completed").length;
  return (
    <details className={classes.plan}>
      <summary>
        <span className={classes.tag}>Plan</span> {done} of {entries.length} done
      </summary>
      <ol>
        {entries.map((entry) => (
          <li key={entry.content} data-status={entry.status}>
            <span aria-hidden>{MARK[entry.status]}</span> {entry.content}
            <span className="visually-hidden"> ({WORDS[entry.status]})</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
