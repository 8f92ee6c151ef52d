import { Anchor, Badge, Code, Group, Paper, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { campaignsQuery } from "../../api/campaigns";
import { armsQuery, useSetCampaignStatus } from "../../api/operator";
import type { CampaignSummary } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { dollars } from "../home/money";
import { AssignmentsPanel } from "./AssignmentsPanel";

const STATUSES = [
  { value: "open", label: "Open" },
  { value: "paused", label: "Paused" },
  { value: "closed", label: "Closed" },
];

export function CampaignsTab() {
  const campaigns = useQuery(campaignsQuery);
  if (campaigns.isPending) return <Loading label="Loading the campaigns" />;
  if (campaigns.error) return <ErrorNotice error={campaigns.error} onRetry={() => void campaigns.refetch()} />;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        A new campaign comes from a file: <Code>marlin campaign create FILE</Code>.
      </Text>
      {campaigns.data.length === 0 && (
        <Empty title="There is no campaign yet">Create one from a file on the machine that runs Marlin.</Empty>
      )}
      {campaigns.data.map((campaign) => (
        <CampaignPanel key={campaign.id} campaign={campaign} />
      ))}
    </Stack>
  );
}

function CampaignPanel({ campaign }: { campaign: CampaignSummary }) {
  const setStatus = useSetCampaignStatus();
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)" component="section" aria-label={campaign.title}>
      <Stack gap="sm">
        <Group justify="space-between">
          <div>
            <Group gap="xs">
              <Title order={2}>{campaign.title}</Title>
              {campaign.synthetic && (
                <Badge variant="light" color="grape" tt="none" radius="sm">
                  Synthetic: simulated contributors, evidence of nothing
                </Badge>
              )}
            </Group>
            <Text size="sm" c="dimmed">
              {campaign.slug} · {dollars(campaign.price_cents)} a task · at least {campaign.min_turns} turns · reveal{" "}
              {campaign.reveal} · continuation {campaign.continuation}
            </Text>
          </div>
          <SegmentedControl
            size="xs"
            aria-label={`Status of ${campaign.title}`}
            data={STATUSES}
            value={campaign.status}
            disabled={setStatus.isPending}
            onChange={(status) => setStatus.mutate({ id: campaign.id, status: status as CampaignSummary["status"] })}
          />
        </Group>
        <Anchor
          fw={550}
          w="fit-content"
          underline="always"
          renderRoot={(props) => <Link {...props} to="/operator/campaigns/$id/evidence" params={{ id: campaign.id }} />}
        >
          Evidence<span className="visually-hidden"> of {campaign.title}</span>: decision, leaderboard, agreement
        </Anchor>
        {setStatus.error && <ErrorNotice error={setStatus.error} title="The status was not changed" />}
        <AssignmentsPanel campaign={campaign.id} priceCents={campaign.price_cents} />
        <Arms campaign={campaign.id} />
      </Stack>
    </Paper>
  );
}

function Arms({ campaign }: { campaign: string }) {
  const arms = useQuery(armsQuery(campaign));
  if (arms.isPending) return <Loading label="Loading the arms" />;
  if (arms.error) return <ErrorNotice error={arms.error} onRetry={() => void arms.refetch()} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="Arms, table">
      <Table aria-label="Arms" miw={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Arm</Table.Th>
            <Table.Th>Agent</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th>State</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {arms.data.map((arm) => (
            <Table.Tr key={arm.id}>
              <Table.Td>{arm.name}</Table.Td>
              <Table.Td>{arm.agent}</Table.Td>
              <Table.Td>{arm.model}</Table.Td>
              <Table.Td>
                <Group gap={6}>
                  <Badge variant="light" tt="none" radius="sm" color={arm.active ? "green" : "gray"}>
                    {arm.active ? "Active" : "Off"}
                  </Badge>
                  {arm.outputs_may_train === false && (
                    <Badge variant="light" tt="none" radius="sm" color="orange">
                      Outputs may not train
                    </Badge>
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
