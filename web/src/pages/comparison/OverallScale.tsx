import { Button, Group } from "@mantine/core";
import type { RatingAnswers } from "../../api/types";
import { ScaleRow } from "./ScaleRow";
import { withOverall, withVerdict } from "./scale";

export interface OverallScaleProps {
  answers: RatingAnswers;
  onChange: (answers: RatingAnswers) => void;
  error?: string;
}

/** The preference. A tie is never silent: it is one of two buttons. */
export function OverallScale({ answers, onChange, error }: OverallScaleProps) {
  const tie = (verdict: "equal" | "both_bad", label: string) => (
    <Button
      size="xs"
      flex={1}
      variant={answers.verdict === verdict ? "filled" : "default"}
      aria-pressed={answers.verdict === verdict}
      onClick={() => onChange(withVerdict(answers, verdict))}
    >
      {label}
    </Button>
  );
  return (
    <div>
      <ScaleRow
        label="Overall"
        description={tieWords(answers) ?? "Which of the two would you rather merge?"}
        value={answers.verdict === "preference" ? answers.overall : null}
        withoutMiddle
        onChange={(value) => onChange(withOverall(answers, value))}
        error={error}
      />
      <Group gap={6} mt={4} wrap="nowrap" role="group" aria-label="No side is better">
        {tie("equal", "Equal")}
        {tie("both_bad", "Both bad")}
      </Group>
    </div>
  );
}

function tieWords(answers: RatingAnswers): string | null {
  if (answers.verdict === "equal") return "Equal: no side is better.";
  if (answers.verdict === "both_bad") return "Both bad: neither should be merged.";
  return null;
}
