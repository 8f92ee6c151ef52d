import {
  Anchor,
  Badge,
  Code,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { campaignPages } from "../../api/campaigns";
import { armsQuery, useSetCampaignStatus } from "../../api/operator";
import type { CampaignSummary } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
import { dollars } from "../home/money";
import { AssignmentsPanel } from "./AssignmentsPanel";
import { DisputesOf } from "./DisputesNotice";

const STATUSES = [
  { value: "open", label: "Open" },
  { value: "paused", label: "Paused" },
  { value: "closed", label: "Closed" },
];

const REVEAL: Record<CampaignSummary["reveal"], string> = {
  together: "results shown together",
  live: "work shown as it goes",
};
const CONTINUATION: Record<CampaignSummary["continuation"], string> = {
  session: "follow-ups continue the better side’s session",
  transcript: "follow-ups are told the better side’s conversation",
  own: "each side continues its own work",
};

export function CampaignsTab() {
  const { q = "", status = "" } = useSearch({ from: "/operator" });
  const navigate = useNavigate({ from: "/operator" });
  const filter = (change: { q?: string; status?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const campaigns = useInfiniteQuery(campaignPages({ search: q, status, limit: 10 }));
  const filtered = q !== "" || status !== "";
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        A new campaign comes from a file: <Code>marlin campaign create FILE</Code>.
      </Text>
      {(filtered || manyRows(campaigns.data)) && (
        <ListTools
          label="Search the campaigns"
          placeholder="Title or slug"
          value={q}
          onSearch={(text) => filter({ q: text || undefined })}
          choice={{
            label: "Status of the campaigns",
            all: "In any state",
            options: STATUSES,
            value: status,
            onChange: (value) => filter({ status: value || undefined }),
          }}
        />
      )}
      <PagedList
        query={campaigns}
        noun="campaigns"
        height={210}
        bare
        filtered={filtered}
        onUnfilter={() => filter({ q: undefined, status: undefined })}
        empty={<Empty title="There is no campaign yet">Create one from a file on the machine that runs Marlin.</Empty>}
        row={(campaign) => (
          <li key={campaign.id}>
            <CampaignPanel campaign={campaign} />
          </li>
        )}
      />
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
              {campaign.slug} · {dollars(campaign.price_cents)} a task · at least {counted(campaign.min_turns, "turn")}{" "}
              · {REVEAL[campaign.reveal]} · {CONTINUATION[campaign.continuation]}
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
        <Group gap="xl" style={{ rowGap: 6 }}>
          <Anchor
            fw={550}
            underline="always"
            renderRoot={(props) => (
              <Link {...props} to="/operator/campaigns/$id/evidence" params={{ id: campaign.id }} />
            )}
          >
            Evidence<span className="visually-hidden"> of {campaign.title}</span>: decision, leaderboard, agreement
          </Anchor>
          <Anchor
            fw={550}
            underline="always"
            renderRoot={(props) => <Link {...props} to="/operator/campaigns/$id/work" params={{ id: campaign.id }} />}
          >
            Work<span className="visually-hidden"> of {campaign.title}</span>: in flight, disagreements, rejections,
            gold, policy
          </Anchor>
          <DisputesOf campaign={campaign.id} />
          <Anchor
            fw={550}
            underline="always"
            renderRoot={(props) => (
              <Link {...props} to="/operator/campaigns/$id/comparisons" params={{ id: campaign.id }} />
            )}
          >
            Comparisons<span className="visually-hidden"> of {campaign.title}</span>
          </Anchor>
        </Group>
        {setStatus.error && <ErrorNotice error={setStatus.error} title="The status was not changed" />}
        <AssignmentsPanel campaign={campaign.id} title={campaign.title} priceCents={campaign.price_cents} />
        <Arms campaign={campaign.id} title={campaign.title} />
      </Stack>
    </Paper>
  );
}

/** A head and two rows: what a campaign has at least. */
function ArmsSkeleton() {
  return (
    <Waiting label="Loading the arms">
      {["head", "one", "other"].map((row) => (
        <SimpleGrid key={row} cols={4} h={36} style={{ alignItems: "center" }}>
          {["52%", "64%", "70%", "40%"].map((width) => (
            <Bar key={width} width={width} />
          ))}
        </SimpleGrid>
      ))}
    </Waiting>
  );
}

function Arms({ campaign, title }: { campaign: string; title: string }) {
  const arms = useQuery(armsQuery(campaign));
  if (arms.isPending) return <ArmsSkeleton />;
  if (arms.error) return <ErrorNotice error={arms.error} onRetry={() => void arms.refetch()} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section style={{ overflowX: "auto" }} tabIndex={0} aria-label={`Arms of ${title}, table`}>
      <Table aria-label={`Arms of ${title}`} miw={480}>
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
