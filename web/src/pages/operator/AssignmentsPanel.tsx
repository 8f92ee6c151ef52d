import { Badge, Button, Group, Modal, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { assignmentsQuery, usePauseAssignment } from "../../api/operator";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import { counted } from "../../components/text/counted";
import { dollars } from "../home/money";

/** Who does what next in a campaign, in numbers, and a way to hand out nothing more. */
export function AssignmentsPanel(props: { campaign: string; title: string; priceCents: number }) {
  const { campaign, title, priceCents } = props;
  const found = useQuery(assignmentsQuery(campaign));
  const pause = usePauseAssignment(campaign);
  const [asking, dialog] = useDisclosure(false);
  if (found.isPending) return <AssignmentsSkeleton />;
  if (found.error) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  const { policy, originals, repeats, total, gold, assignments } = found.data;
  const held = assignments.filter((entry) => entry.status === "held").length;
  const judged = gold.reduce((sum, task) => sum + task.judged, 0);
  const agreed = gold.reduce((sum, task) => sum + task.agreed, 0);
  const price = policy.overlap_price_cents ?? priceCents;
  const facts = [
    ["Comparisons", policy.max_comparisons ? `${total} of ${policy.max_comparisons}` : `${total}`],
    ["Judged again", `${repeats} of ${originals}, ${percent(policy.overlap_rate)} wanted, ${dollars(price)} each`],
    [
      "Gold tasks",
      judged
        ? `${gold.length}, ${agreed} of ${counted(judged, "answer")} ${agreed === 1 ? "agrees" : "agree"}`
        : `${gold.length}, none judged yet`,
    ],
    ["A/A controls", percent(policy.aa_rate)],
    ["One person’s share", policy.contributor_share ? `at most ${percent(policy.contributor_share)}` : "no limit"],
    ["Held now", `${held}`],
  ];
  return (
    <Stack gap="xs" component="section" aria-label={`Assignments of ${title}`}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md" verticalSpacing="xs">
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text size="sm">{value}</Text>
          </div>
        ))}
      </SimpleGrid>
      {policy.paused && (
        <Text size="sm">
          <Badge variant="light" color="orange" tt="none" radius="sm" mr={6}>
            Hands out nothing new
          </Badge>
          {policy.pause_reason}
        </Text>
      )}
      {pause.error && <ErrorNotice error={pause.error} title="The policy was not changed" />}
      <Group>
        <Button
          size="xs"
          variant="default"
          loading={pause.isPending}
          onClick={() => (policy.paused ? pause.mutate({ paused: false }) : dialog.open())}
        >
          {policy.paused ? "Hand out work again" : "Pause handing out work"}
        </Button>
      </Group>
      <PauseDialog
        opened={asking}
        onClose={dialog.close}
        pending={pause.isPending}
        onPause={(reason) => pause.mutate({ paused: true, pause_reason: reason }, { onSettled: dialog.close })}
      />
    </Stack>
  );
}

const FACTS = ["comparisons", "judged", "gold", "controls", "share", "held"];

function AssignmentsSkeleton() {
  return (
    <Waiting label="Loading the assignments">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md" verticalSpacing="xs">
        {FACTS.map((name) => (
          <div key={name}>
            <Bar width="72%" height={9} style={{ marginBlock: 5 }} />
            <Bar width="48%" style={{ marginBlock: 6 }} />
          </div>
        ))}
      </SimpleGrid>
      <Bar width="170px" height={30} style={{ marginTop: 20 }} />
    </Waiting>
  );
}

interface PauseDialogProps {
  opened: boolean;
  onClose: () => void;
  onPause: (reason: string) => void;
  pending: boolean;
}

function PauseDialog({ opened, onClose, onPause, pending }: PauseDialogProps) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setMissing(true);
    onPause(reason.trim());
  };
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Pause handing out work?</b>}>
      <form onSubmit={send} noValidate>
        <Stack>
          <Text size="sm">
            Nothing new is assigned or begun. What has begun can be finished, submitted and reviewed.
          </Text>
          <Textarea
            label="What contributors are told"
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
              setMissing(false);
            }}
            error={missing && "Say why, in a few words."}
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            required
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Pause
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
