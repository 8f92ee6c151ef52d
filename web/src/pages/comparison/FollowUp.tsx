import { Button, Group, Radio, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { followUpDraftQuery, useFollowUp } from "../../api/comparisons";
import type { Comparison, FollowUpDraft, Rating, Side } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { SaveState } from "../../components/feedback/SaveState";
import { DraftConflict } from "./DraftConflict";
import { Findings } from "./evidence/Findings";
import { usePromptSink } from "./evidence/prompt-sink";
import { usePromptFindings } from "./evidence/use-findings";
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
  const { text, change } = form;
  const send = useFollowUp(comparison.id);
  const findings = usePromptFindings(comparison.id, text.prompt);
  const field = useRef<HTMLTextAreaElement>(null);
  const sink = usePromptSink();
  useEffect(() => (field.current ? sink.enter(field.current) : undefined), [sink]);
  const own = comparison.campaign.continuation === "own";
  const mustChoose = !own && rating.preferred === null;

  const submit = async () => {
    await form.autosave.flush();
    const from = mustChoose ? text.continue_from : null;
    send.mutate({ prompt: text.prompt, ...(from ? { continue_from: from } : {}) });
  };
  return (
    <div>
      {form.autosave.state.kind === "conflict" && <DraftConflict form={form} />}
      <Textarea
        ref={field}
        label={`Next prompt (turn ${turn + 1})`}
        description="Ask for what a good reviewer would still want. Both sides get it, word for word."
        minRows={4}
        autosize
        maxRows={20}
        value={text.prompt}
        onChange={(event) => change({ ...text, prompt: event.currentTarget.value })}
      />
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
        disabled={text.prompt.trim() === "" || (mustChoose && text.continue_from === null)}
      >
        Send to both sides
      </Button>
      <Group justify="space-between" mt={4} gap="xs" wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed">
          The rating of this turn is final once the next prompt is sent.
        </Text>
        <span style={{ whiteSpace: "nowrap" }}>
          <SaveState state={form.autosave.state} />
        </span>
      </Group>
    </div>
  );
}
