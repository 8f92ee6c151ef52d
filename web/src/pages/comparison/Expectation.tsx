import { Group, Paper, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { comparisonQuery, saveExpectation } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { chosen } from "../../autosave/reconcile";
import { useDraft } from "../../autosave/use-draft";
import { MergeDrafts } from "../../components/drafts/MergeDrafts";
import { SaveState } from "../../components/feedback/SaveState";

const LABEL = "What would a strong senior engineer do here?";

interface Expected {
  text: string;
}

/** Written before the results are seen, so that they are measured against something of one's own. */
export function Expectation({ comparison, turn }: { comparison: string; turn: Turn }) {
  const client = useQueryClient();
  const draft = useDraft<Expected, null>(() => ({
    keepAs: `expectation/${comparison}/${turn.number}`,
    shape: { split: ({ text }) => ({ text }), join: (fields) => fields as unknown as Expected },
    stored: { value: { text: turn.expectation }, revision: null },
    send: async ({ text }, over, keepalive) => {
      await saveExpectation(comparison, turn.number, text, over.value.text, keepalive);
      // The cache must know it: this field may be closed and opened again.
      client.setQueryData<Comparison>(
        comparisonQuery(comparison).queryKey,
        (old) =>
          old && {
            ...old,
            turns: old.turns.map((one) => (one.number === turn.number ? { ...one, expectation: text } : one)),
          },
      );
      return { value: { text }, revision: null };
    },
    newer: async ({ details }) =>
      typeof details.text === "string" ? { value: { text: details.text }, revision: null } : null,
  }));
  const { value, conflict } = draft;
  return (
    <Paper withBorder p="md" bg="var(--app-surface)">
      {conflict && (
        <MergeDrafts
          differences={[{ field: "text", label: "What you expect", mine: value.text, theirs: conflict.theirs.text }]}
          onChosen={(choices) =>
            draft.resolve(chosen({ ...value }, { ...conflict.theirs }, choices) as unknown as Expected)
          }
        />
      )}
      <Textarea
        label={LABEL}
        description="A few lines while you wait: the approach, the files, the traps. It is kept with the turn, and you will judge better for it."
        minRows={10}
        value={value.text}
        onChange={(event) => draft.change({ text: event.currentTarget.value })}
      />
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">
          The agents never see it.
        </Text>
        <SaveState state={draft.save} />
      </Group>
    </Paper>
  );
}
