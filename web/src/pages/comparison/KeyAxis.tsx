import { Chip, Group, Text } from "@mantine/core";
import type { Axis, RatingAnswers } from "../../api/types";

export interface KeyAxisProps {
  axes: Axis[];
  answers: RatingAnswers;
  onChange: (answers: RatingAnswers) => void;
  error?: string;
}

export function KeyAxis({ axes, answers, onChange, error }: KeyAxisProps) {
  return (
    <div role="radiogroup" aria-label="What decided it">
      <Text size="sm" fw={600} fz={13} mb={4}>
        What decided it
      </Text>
      <Chip.Group value={answers.key_axis} onChange={(value) => onChange({ ...answers, key_axis: value as string })}>
        <Group gap={6}>
          {axes.map((axis) => (
            <Chip key={axis.name} value={axis.name} size="xs">
              {axis.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {error && (
        <Text size="xs" c="red" mt={3}>
          {error}
        </Text>
      )}
    </div>
  );
}
