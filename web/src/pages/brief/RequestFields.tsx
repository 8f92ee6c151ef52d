import { Group, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { CATEGORIES, type Category } from "../../api/types";
import { CATEGORY } from "../../components/feedback/status";
import { FieldLints, type FieldsProps } from "./FieldLints";
import { Section } from "./Section";

export function RequestFields({ form, lints, disabled }: FieldsProps) {
  const { fields, set } = form;
  return (
    <Section title="Request" note="Both sides get the prompt, word for word. Write it as you would ask a colleague.">
      <div>
        <TextInput
          label="Title"
          description="Names the task in your list and in the reviewers’"
          disabled={disabled}
          value={fields.title}
          onChange={(event) => set("title", event.currentTarget.value)}
        />
        <FieldLints lints={lints} field="title" />
      </div>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <Select
          label="Category"
          disabled={disabled}
          allowDeselect={false}
          data={CATEGORIES.map((value) => ({ value, label: CATEGORY[value] }))}
          value={fields.category}
          onChange={(value) => value && set("category", value as Category)}
        />
        <NumberInput
          label="Effort for an engineer"
          suffix=" min"
          placeholder="minutes"
          min={1}
          max={10_000}
          allowDecimal={false}
          disabled={disabled}
          value={fields.effort_minutes ?? ""}
          onChange={(value) => set("effort_minutes", typeof value === "number" ? value : null)}
        />
      </Group>
      <FieldLints lints={lints} field="category" />
      <FieldLints lints={lints} field="effort_minutes" />
      <div>
        <Textarea
          label="Prompt"
          minRows={8}
          disabled={disabled}
          value={fields.prompt}
          onChange={(event) => set("prompt", event.currentTarget.value)}
        />
        <FieldLints lints={lints} field="prompt" />
      </div>
      <div>
        <Textarea
          label="Acceptance criteria"
          description="What must be true of a good result: you and the reviewers judge by it"
          minRows={3}
          disabled={disabled}
          value={fields.acceptance_criteria}
          onChange={(event) => set("acceptance_criteria", event.currentTarget.value)}
        />
        <FieldLints lints={lints} field="acceptance_criteria" />
      </div>
    </Section>
  );
}
