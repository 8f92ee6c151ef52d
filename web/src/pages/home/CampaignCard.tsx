import { Button, Group, Modal, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useCreateBrief } from "../../api/briefs";
import type { CampaignSummary } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { counted } from "../../components/text/counted";
import { Markdown } from "../../components/text/Markdown";
import { useCommands } from "../../keyboard/commands";
import { ExamplePicker } from "./ExamplePicker";
import { dollars } from "./money";
import { NextForYou } from "./NextForYou";

const CONTINUATION: Record<CampaignSummary["continuation"], string> = {
  session: "follow-ups continue from the better side",
  transcript: "follow-ups continue from the better side",
  own: "each side continues its own work",
};

export function CampaignCard({ campaign }: { campaign: CampaignSummary }) {
  const [guidelinesOpen, guidelines] = useDisclosure(false);
  const [examplesOpen, examples] = useDisclosure(false);
  const create = useCreateBrief();
  const navigate = useNavigate();
  const start = (example?: string) =>
    create.mutate(
      { campaign_id: campaign.id, ...(example ? { example } : {}) },
      { onSuccess: (brief) => void navigate({ to: "/briefs/$id", params: { id: brief.id } }) },
    );
  const turns = `${counted(campaign.min_turns, "turn")} or more`;
  const own = () => (
    <OwnTask
      campaign={campaign}
      pending={create.isPending && !create.variables?.example}
      onStart={() => start()}
      onExamples={examples.open}
    />
  );
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={3} fz="lg" style={{ overflowWrap: "anywhere" }}>
            {campaign.title}
          </Title>
          <Text fw={700} fz="lg" style={{ whiteSpace: "nowrap" }}>
            {dollars(campaign.price_cents)}
            <Text span size="sm" c="dimmed" fw={400}>
              {" "}
              a task
            </Text>
          </Text>
        </Group>
        <Group justify="space-between" gap="xs">
          <Text size="sm" c="dimmed">
            {turns} · {CONTINUATION[campaign.continuation]}
          </Text>
          <Button variant="subtle" size="compact-sm" onClick={guidelines.open}>
            Guidelines
          </Button>
        </Group>
        {create.error && <ErrorNotice error={create.error} title="The task was not started" />}
        <NextForYou campaign={campaign} own={own} />
      </Stack>
      <Modal opened={guidelinesOpen} onClose={guidelines.close} title={<b>Guidelines: {campaign.title}</b>} size="lg">
        <Markdown>{campaign.guidelines_markdown}</Markdown>
      </Modal>
      <Modal opened={examplesOpen} onClose={examples.close} title={<b>Example briefs</b>} size="lg">
        <ExamplePicker
          campaignId={campaign.id}
          pending={create.isPending ? (create.variables?.example ?? null) : null}
          error={create.error}
          onPick={start}
        />
      </Modal>
    </Paper>
  );
}

interface OwnTaskProps {
  campaign: CampaignSummary;
  pending: boolean;
  onStart: () => void;
  onExamples: () => void;
}

/** The ways to a task of one's own, here and in the palette. */
function OwnTask({ campaign, pending, onStart, onExamples }: OwnTaskProps) {
  useCommands([
    { id: `start-${campaign.id}`, label: `Start a task: ${campaign.title}`, group: "Tasks", run: onStart },
    {
      id: `example-${campaign.id}`,
      label: `Take an example brief: ${campaign.title}`,
      group: "Tasks",
      run: onExamples,
    },
  ]);
  return (
    <>
      <Button onClick={onStart} loading={pending}>
        Start a task
      </Button>
      <Button variant="default" onClick={onExamples}>
        Take an example brief
      </Button>
    </>
  );
}
