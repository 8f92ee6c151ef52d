import type { SubmissionProblem } from "../../../api/types";
import classes from "./Evidence.module.css";
import { Referred } from "./Referred";

/** What the checker has to say about a field, with the reason and what can be done. */
export function Findings({ findings, id }: { findings: readonly SubmissionProblem[]; id?: string }) {
  if (findings.length === 0) return null;
  return (
    <ul className={classes.findings} id={id}>
      {findings.map((finding) => (
        <li
          key={`${finding.code}${finding.turn}${finding.message}`}
          className={classes.finding}
          data-severity={finding.severity}
        >
          {finding.message}
          <Referred finding={finding} />{" "}
          <span className={classes.hint}>
            {finding.acknowledged ? "The contributor has seen this and stands by it." : finding.hint}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Said under a text in another language, so that silence is not taken for praise. */
export function Unread() {
  return (
    <p className={classes.unread}>
      The checker reads English only: the words of this text are held against nothing. Reviewers read it as it is.
    </p>
  );
}
