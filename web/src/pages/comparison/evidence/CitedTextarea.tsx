import { Textarea, type TextareaProps } from "@mantine/core";
import { useContext, useEffect, useRef } from "react";
import { EvidenceContext } from "./desk";

export interface CitedTextareaProps extends TextareaProps {
  name: string;
  /** Takes what is cited before any field had the cursor. */
  preferred?: boolean;
}

/** A text field of the rating that citations can be put into. */
export function CitedTextarea({ name, preferred = false, ...props }: CitedTextareaProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { desk } = useContext(EvidenceContext);
  useEffect(
    () => (field.current && desk ? desk.enter(name, field.current, preferred) : undefined),
    [desk, name, preferred],
  );
  return <Textarea ref={field} name={name} autosize {...props} />;
}
