import type { ReactNode } from "react";
import type { RatingAnswers, Side, SubmissionProblem } from "../../api/types";
import { CitedTextarea } from "./evidence/CitedTextarea";
import classes from "./Panel.module.css";
import { SideTag } from "./SideTag";

export interface SideNotesProps {
  answers: RatingAnswers;
  onChange: (answers: RatingAnswers) => void;
  problem: (field: string) => string | undefined;
  findings: readonly SubmissionProblem[];
  unread: readonly string[];
  /** Stands below a field: what a reviewer has said about it. */
  after: (field: string) => ReactNode;
}

const FIELDS = {
  A: { strengths: "strengths_a", weaknesses: "weaknesses_a" },
  B: { strengths: "strengths_b", weaknesses: "weaknesses_b" },
} as const;

export function SideNotes({ answers, onChange, problem, findings, unread, after }: SideNotesProps) {
  return (
    <>
      {(["A", "B"] as Side[]).map((side) => (
        <fieldset key={side} className={classes.notes} data-side={side}>
          <legend>
            <SideTag side={side} />
          </legend>
          {(["strengths", "weaknesses"] as const).map((kind) => {
            const field = FIELDS[side][kind];
            return (
              <div key={kind}>
                <CitedTextarea
                  name={field}
                  id={`field-${field}`}
                  size="xs"
                  label={kind === "strengths" ? "Strengths" : "Weaknesses"}
                  aria-label={`${kind === "strengths" ? "Strengths" : "Weaknesses"} of ${side}`}
                  value={answers[field]}
                  error={problem(field)}
                  findings={findings}
                  unread={unread.includes(field)}
                  onChange={(event) => onChange({ ...answers, [field]: event.currentTarget.value })}
                />
                {after(field)}
              </div>
            );
          })}
        </fieldset>
      ))}
    </>
  );
}
