import { Group, Paper, Text, Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { saveExpectation } from "../../api/comparisons";
import type { Turn } from "../../api/types";
import { isText, kept } from "../../autosave/kept";
import { useAutosave } from "../../autosave/use-autosave";
import { SaveState } from "../../components/feedback/SaveState";

/** Written before the results are seen, so that they are measured against something of one's own. */
export function Expectation({ comparison, turn }: { comparison: string; turn: Turn }) {
  const keepAs = `expectation/${comparison}/${turn.number}`;
  const [unsaved] = useState(() => kept(keepAs, isText));
  const [text, setText] = useState(unsaved ?? turn.expectation);
  const autosave = useAutosave<string>(
    async (value, keepalive) => {
      await saveExpectation(comparison, turn.number, value, keepalive);
    },
    { keepAs },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the field opens
  useEffect(() => {
    if (unsaved !== null) autosave.change(unsaved);
  }, []);
  return (
    <Paper withBorder p="md" bg="var(--app-surface)">
      <Textarea
        label="What would a strong senior engineer do here?"
        description="A few lines while you wait: the approach, the files, the traps. It is kept with the turn, and you will judge better for it."
        minRows={10}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          autosave.change(event.currentTarget.value);
        }}
      />
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">
          The agents never see it.
        </Text>
        <SaveState state={autosave.state} />
      </Group>
    </Paper>
  );
}
