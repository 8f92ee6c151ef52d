import { Button, Group, Radio, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { followUpDraftQuery, useFollowUp } from "../../api/comparisons";
import type { Comparison, FollowUpDraft, FollowUpText, Rating, Side } from "../../api/types";
import { chosen } from "../../autosave/reconcile";
import { MergeDrafts } from "../../components/drafts/MergeDrafts";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { SaveState } from "../../components/feedback/SaveState";
import { leaveOnEscape } from "./evidence/CitedTextarea";
import { Findings, Unread } from "./evidence/Findings";
import { usePromptSink } from "./evidence/prompt-sink";
import { usePromptFindings } from "./evidence/use-findings";
import { atTurn } from "./links";
import { SideTag } from "./SideTag";
import { useFollowUpDraft } from "./use-follow-up-draft";

export interface FollowUpProps {
  comparison: Comparison;
  rating: Rating;
}

/** The next prompt. It saves itself until it is sent, so that a closed tab or another device loses nothing. */
export function FollowUp({ comparison, rating }: FollowUpProps) {
  const turn = comparison.turns.length;
  const draft = useQuery(followUpDraftQuery(comparison.id, turn));
  if (draft.isPending) return <Loading label="Loading the next prompt" />;
  if (draft.data === undefined) return <ErrorNotice error={draft.error} onRetry={() => void draft.refetch()} />;
  return <FollowUpForm key={turn} comparison={comparison} rating={rating} draft={draft.data} />;
}

function FollowUpForm({ comparison, rating, draft }: FollowUpProps & { draft: FollowUpDraft }) {
  const turn = comparison.turns.length;
  const form = useFollowUpDraft(comparison.id, turn, draft);
  const { value: text, change, conflict } = form;
  const navigate = useNavigate({ from: "/comparisons/$id" });
  const send = useFollowUp(comparison.id, () => {
    // A place in this turn may stand in the address; what was asked for is the next one.
    void navigate({ search: (old) => atTurn(old, null) });
  });
  const { problems: findings, unread } = usePromptFindings(comparison.id, text.prompt);
  const field = useRef<HTMLTextAreaElement>(null);
  const sink = usePromptSink();
  useEffect(() => (field.current ? sink.enter(field.current) : undefined), [sink]);
  const own = comparison.campaign.continuation === "own";
  const pressed = useRef(false);
  const mustChoose = !own && rating.preferred === null;

  const submit = async () => {
    // Before the next rendering disables the button, a second press may have come.
    if (pressed.current) return;
    pressed.current = true;
    await form.flush();
    if (form.isHeld()) {
      pressed.current = false;
      return;
    }
    const from = mustChoose ? text.continue_from : null;
    send.mutate(
      { prompt: text.prompt, ...(from ? { continue_from: from } : {}) },
      {
        onSettled: () => {
          pressed.current = false;
        },
      },
    );
  };
  return (
    <div>
      {conflict && (
        <MergeDrafts
          differences={followUpDifferences(conflict.fields, text, conflict.theirs)}
          onChosen={(choices) =>
            form.resolve(chosen({ ...text }, { ...conflict.theirs }, choices) as unknown as FollowUpText)
          }
        />
      )}
      <Textarea
        ref={field}
        data-next-step
        onKeyDown={leaveOnEscape}
        label={`Next prompt (turn ${turn + 1})`}
        description="Ask for what a good reviewer would still want. Both sides get it, word for word."
        minRows={4}
        autosize
        maxRows={20}
        value={text.prompt}
        onChange={(event) => change({ ...text, prompt: event.currentTarget.value })}
      />
      {unread.length > 0 && <Unread />}
      <Findings findings={findings} />
      {own ? (
        <Text size="xs" c="dimmed" mt={6}>
          Each side continues its own work.
        </Text>
      ) : rating.preferred ? (
        <Group gap={6} mt={6}>
          <Text size="xs" c="dimmed">
            Both sides continue from
          </Text>
          <SideTag side={rating.preferred} />
        </Group>
      ) : (
        <Radio.Group
          label="Both sides continue from"
          size="xs"
          mt="xs"
          value={text.continue_from}
          onChange={(value) => change({ ...text, continue_from: value as Side | "base" })}
          withAsterisk
        >
          <Group gap="md" mt={4}>
            <Radio value="A" label="A" />
            <Radio value="B" label="B" />
            <Radio value="base" label="the base, unchanged" />
          </Group>
        </Radio.Group>
      )}
      {send.error && <ErrorNotice error={send.error} title="The prompt was not sent" />}
      <Button
        mt="sm"
        fullWidth
        onClick={() => void submit()}
        loading={send.isPending}
        disabled={conflict !== null || text.prompt.trim() === "" || (mustChoose && text.continue_from === null)}
      >
        Send to both sides
      </Button>
      <Group justify="space-between" mt={4} gap="xs" wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed">
          The rating of this turn is final once the next prompt is sent.
        </Text>
        <span style={{ whiteSpace: "nowrap" }}>
          <SaveState state={form.save} />
        </span>
      </Group>
    </div>
  );
}

const START: Record<string, string> = { A: "A", B: "B", base: "the base, unchanged" };

function followUpDifferences(fields: readonly string[], mine: FollowUpText, theirs: FollowUpText) {
  const all = [
    { field: "prompt", label: "Next prompt", mine: mine.prompt, theirs: theirs.prompt },
    {
      ...{ field: "continue_from", label: "Both sides continue from" },
      ...{ mine: mine.continue_from, theirs: theirs.continue_from },
      words: (value: unknown) => START[String(value)] ?? "not chosen",
    },
  ];
  return all.filter(({ field }) => fields.includes(field));
}
