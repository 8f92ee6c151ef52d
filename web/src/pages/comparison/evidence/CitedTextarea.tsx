import { Textarea, type TextareaProps } from "@mantine/core";
import { type KeyboardEvent, useContext, useEffect, useRef } from "react";
import type { SubmissionProblem } from "../../../api/types";
import { counted } from "../../../components/text/counted";
import { hasHidden } from "../../../components/text/visible";
import { catchFocus } from "../../../keyboard/focus";
import { CitedLinks } from "./CitedLinks";
import { EvidenceContext } from "./desk";
import classes from "./Evidence.module.css";
import { Findings, Unread } from "./Findings";
import { activePane } from "./go-to";
import { MarksBehind } from "./MarksBehind";

export interface CitedTextareaProps extends TextareaProps {
  name: string;
  value: string;
  /** Takes what is cited before any field had the cursor. */
  preferred?: boolean;
  /** The checker can't read its language. */
  unread?: boolean;
  /** So many characters fit. */
  limit?: number;
  /** What the checker says about this field; its words are marked. */
  findings?: readonly SubmissionProblem[];
}

/** A text field of the rating: citations are put into it, and the checker marks its words. */
export function CitedTextarea({
  name,
  preferred = false,
  findings = [],
  limit = 20_000,
  unread = false,
  ...props
}: CitedTextareaProps) {
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
        onKeyDown={leaveOnEscape}
        error={tooLong(props.value, limit) ?? props.error}
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
      {hasHidden(props.value) && (
        <p className={classes.unread}>Holds characters that are not seen here; readers see a mark in their place.</p>
      )}
      {unread && <Unread />}
      <Findings findings={said} id={`${name}-findings`} />
    </div>
  );
}

/** A citation brings the cursor into a text, away from the code; Escape brings the keyboard back. In a drawer it closes that. */
export function leaveOnEscape(event: KeyboardEvent<HTMLTextAreaElement>): void {
  const { currentTarget: field } = event;
  if (event.key !== "Escape" || event.nativeEvent.isComposing || field.closest('[role="dialog"]')) return;
  event.preventDefault();
  field.blur();
  catchFocus(activePane);
}

/** The server counts code points; a text far below the limit is not counted at every key. */
export function tooLong(text: string, limit: number): string | undefined {
  if (text.length <= limit) return undefined;
  const count = Array.from(text).length;
  if (count <= limit) return undefined;
  return `${counted(count - limit, "character")} too many: ${limit.toLocaleString()} fit. It is kept in this browser until then.`;
}
