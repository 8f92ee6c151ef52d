import { Button, Group, Radio, Text, Textarea } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useState } from "react";
import { useFollowUp } from "../../api/comparisons";
import type { Comparison, Rating, Side } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { SideTag } from "./SideTag";

/** The next prompt. It is kept in this browser until it is sent, so that a closed tab loses nothing. */
export function FollowUp({ comparison, rating }: { comparison: Comparison; rating: Rating }) {
  const number = comparison.turns.length + 1;
  const [prompt, setPrompt, forget] = useLocalStorage({
    key: `marlin-follow-up-${comparison.id}-${number}`,
    defaultValue: "",
  });
  const [from, setFrom] = useState<Side | "base" | null>(null);
  const send = useFollowUp(comparison.id);
  const own = comparison.campaign.continuation === "own";
  const mustChoose = !own && rating.preferred === null;

  // Awaited, not a callback of mutate(): with the new turn this form is gone.
  const submit = async () => {
    const body = { prompt, ...(mustChoose && from ? { continue_from: from } : {}) };
    const sent = await send.mutateAsync(body).catch(() => null); // the form shows the error
    if (sent !== null) forget();
  };
  return (
    <div>
      <Textarea
        label={`Next prompt (turn ${number})`}
        description="Ask for what a good reviewer would still want. Both sides get it, word for word."
        minRows={4}
        value={prompt}
        onChange={(event) => setPrompt(event.currentTarget.value)}
      />
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
          value={from}
          onChange={(value) => setFrom(value as Side | "base")}
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
        disabled={prompt.trim() === "" || (mustChoose && from === null)}
      >
        Send to both sides
      </Button>
      <Text size="xs" c="dimmed" mt={4}>
        The rating of this turn is final once the next prompt is sent.
      </Text>
    </div>
  );
}
