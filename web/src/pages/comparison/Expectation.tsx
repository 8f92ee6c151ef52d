import { Group, Paper, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { comparisonQuery, saveExpectation } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { chosen } from "../../autosave/reconcile";
import { type DraftForm, useDraft } from "../../autosave/use-draft";
import { MergeDrafts } from "../../components/drafts/MergeDrafts";
import { SaveState } from "../../components/feedback/SaveState";
import classes from "./Panel.module.css";

const LABEL = "What would a strong senior engineer do here?";

/** Where it is written: while the sides work, or folded into the form of the rating. */
type Place = "waiting" | "rating";

export interface Expected {
  text: string;
}

/** Written before the results are seen, so that they are measured against something of one's own. */
export function Expectation({ comparison, turn }: { comparison: string; turn: Turn }) {
  const draft = useExpectation(comparison, turn);
  return (
    <Paper withBorder p="md" bg="var(--app-surface)">
      <Field draft={draft} place="waiting" />
    </Paper>
  );
}

/** The same above the answers: results that came fast have closed the page of waiting. Yours until the turn is rated. */
export function ExpectationFold({ draft }: { draft: DraftForm<Expected> }) {
  const written = draft.value.text.trim();
  return (
    <details className={classes.expectation} open={draft.conflict !== null || undefined}>
      <summary>
        {LABEL} <span className={classes.written}>{written === "" ? "Not written yet" : written}</span>
      </summary>
      <Field draft={draft} place="rating" />
    </details>
  );
}

export function useExpectation(comparison: string, turn: Turn): DraftForm<Expected> {
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
  return draft;
}

function Field({ draft, place }: { draft: DraftForm<Expected>; place: Place }) {
  const { value, conflict } = draft;
  const waiting = place === "waiting";
  return (
    <>
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
        labelProps={waiting ? undefined : { className: "visually-hidden" }}
        description={
          waiting
            ? "A few lines while you wait: the approach, the files, the traps. It is kept with the turn, and you will judge better for it."
            : "The approach, the files, the traps: best before you read the results. Yours to change until you rate this turn."
        }
        autosize={!waiting}
        minRows={waiting ? 10 : 3}
        maxRows={waiting ? undefined : 16}
        value={value.text}
        onChange={(event) => draft.change({ text: event.currentTarget.value })}
      />
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">
          The agents never see it.
        </Text>
        <SaveState state={draft.save} />
      </Group>
    </>
  );
}
