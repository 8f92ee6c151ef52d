import { Textarea, type TextareaProps } from "@mantine/core";
import { useContext, useEffect, useRef } from "react";
import type { SubmissionProblem } from "../../../api/types";
import { CitedLinks } from "./CitedLinks";
import { EvidenceContext } from "./desk";
import classes from "./Evidence.module.css";
import { Findings } from "./Findings";
import { MarksBehind } from "./MarksBehind";

export interface CitedTextareaProps extends TextareaProps {
  name: string;
  value: string;
  /** Takes what is cited before any field had the cursor. */
  preferred?: boolean;
  /** What the checker says about this field; its words are marked. */
  findings?: readonly SubmissionProblem[];
}

/** A text field of the rating: citations are put into it, and the checker marks its words. */
export function CitedTextarea({ name, preferred = false, findings = [], ...props }: CitedTextareaProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { desk } = useContext(EvidenceContext);
  useEffect(
    () => (field.current && desk ? desk.enter(name, field.current, preferred) : undefined),
    [desk, name, preferred],
  );
  const marks = findings.flatMap((finding) => finding.marks).filter((mark) => mark.field === name);
  const said = findings.filter((finding) => finding.field === name);
  return (
    <div>
      <Textarea
        ref={field}
        name={name}
        autosize
        {...props}
        inputContainer={(input) => (
          <div className={classes.field}>
            {marks.length > 0 && <MarksBehind text={props.value} marks={marks} field={field} />}
            {input}
          </div>
        )}
        aria-describedby={said.length > 0 ? `${name}-findings` : undefined}
        styles={marks.length > 0 ? { input: { backgroundColor: "transparent", position: "relative" } } : undefined}
      />
      <CitedLinks text={props.value} />
      <Findings findings={said} id={`${name}-findings`} />
    </div>
  );
}
