import { Text } from "@mantine/core";
import type { Lint } from "../../api/types";
import classes from "./FieldLints.module.css";

/** Advice about one field, under it. Announced when it appears, and worded, never by colour alone. */
export function FieldLints({ lints, field }: { lints: Lint[]; field: string }) {
  const own = lints.filter((lint) => lint.field === field);
  return (
    <div aria-live="polite" className={classes.lints}>
      {own.map((lint) => (
        <Text key={lint.code} size="xs" mt={5} c={lint.severity === "error" ? "red" : "var(--side-b)"}>
          <b>{lint.severity === "error" ? "Must change: " : "Consider: "}</b>
          {lint.message} {lint.hint}
        </Text>
      ))}
    </div>
  );
}

export interface FieldsProps {
  form: import("./use-brief-form").BriefForm;
  lints: Lint[];
  disabled: boolean;
}
