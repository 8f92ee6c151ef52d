import { Textarea } from "@mantine/core";
import { BaseImageField } from "./BaseImageField";
import { FieldLints, type FieldsProps } from "./FieldLints";
import { Section } from "./Section";

const mono = { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } };

export function EnvironmentFields({ form, lints, disabled, campaignId }: FieldsProps & { campaignId: string }) {
  const { fields, set } = form;
  return (
    <Section title="Environment" note="Built once and frozen; both sides and all checks use the same one.">
      <BaseImageField campaignId={campaignId} form={form} disabled={disabled} />
      <div>
        <Textarea
          label="Set-up command"
          description="Package registries can be reached here, and only here"
          placeholder="python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'"
          disabled={disabled}
          styles={mono}
          spellCheck={false}
          value={fields.set_up_command}
          onChange={(event) => set("set_up_command", event.currentTarget.value)}
        />
        <FieldLints lints={lints} field="set_up_command" />
      </div>
      <div>
        <Textarea
          label="Test command"
          description="Runs on the base now, and on both results later. No network"
          placeholder=".venv/bin/python -m pytest -q"
          disabled={disabled}
          styles={mono}
          spellCheck={false}
          value={fields.test_command}
          onChange={(event) => set("test_command", event.currentTarget.value)}
        />
        <FieldLints lints={lints} field="test_command" />
      </div>
    </Section>
  );
}
