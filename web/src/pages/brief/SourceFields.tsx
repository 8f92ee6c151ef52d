import { TextInput } from "@mantine/core";
import { FieldLints, type FieldsProps } from "./FieldLints";
import { Section } from "./Section";
import classes from "./SourceFields.module.css";

/** Addresses and commits are read letter by letter. */
const mono = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } };

export function SourceFields({ form, lints, disabled }: FieldsProps) {
  const { fields, set } = form;
  return (
    <Section
      title="Repository"
      note="What both sides start from. They see its files at this commit, and nothing later."
    >
      <div className={classes.row}>
        <TextInput
          label="Source"
          description="An https git address, a pull request’s address (its base is taken), a source archive, or pypi:NAME==VERSION (example:… is the repository that comes with an example brief, and goes with that brief only)"
          placeholder="https://github.com/owner/name/pull/123"
          disabled={disabled}
          styles={mono}
          spellCheck={false}
          value={fields.source}
          onChange={(event) => set("source", event.currentTarget.value)}
        />
        <div>
          <FieldLints lints={lints} field="source" />
        </div>
        <TextInput
          label="Commit"
          description="Or tag, or branch. Empty: the default branch"
          disabled={disabled}
          styles={mono}
          spellCheck={false}
          value={fields.commit}
          onChange={(event) => set("commit", event.currentTarget.value.trim())}
        />
        <div>
          <FieldLints lints={lints} field="commit" />
        </div>
      </div>
    </Section>
  );
}
