import { Anchor, Badge, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { campaignQuery } from "../../api/campaigns";
import { assignmentsQuery } from "../../api/operator";
import { useRoles } from "../../api/session";
import type { Campaign } from "../../api/types";
import { disagreementsQuery, rejectionCountsQuery } from "../../api/work";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Page } from "../../components/layout/Page";
import { TabRow } from "../../components/layout/TabRow";
import { Skeleton } from "../evidence/parts";
import { Disagreements } from "./Disagreements";
import { GoldTasks } from "./GoldTasks";
import { InFlight } from "./InFlight";
import { PolicyForm } from "./PolicyForm";
import { Rejections } from "./Rejections";

const WIDTH = 1560;
const TABS = ["flight", "disagreements", "rejections", "gold", "policy"] as const;

/** Who does what in a campaign: what is handed out, what was judged differently, what is known, and the rules. */
export function WorkPage() {
  const operator = useRoles().includes("operator");
  const { id } = useParams({ from: "/operator/campaigns/$id/work" });
  const campaign = useQuery({ ...campaignQuery(id), enabled: operator });
  if (!operator)
    return (
      <Page title="Work">
        <Empty title="This page is for operators">
          It shows who judges what and which answers are known; contributors and reviewers never see that.
        </Empty>
      </Page>
    );
  if (campaign.data === undefined)
    return (
      <Page title="Work" size={WIDTH}>
        {campaign.error ? (
          <ErrorNotice error={campaign.error} onRetry={() => void campaign.refetch()} />
        ) : (
          <Skeleton label="Loading the campaign" heights={[80, 420]} />
        )}
      </Page>
    );
  return <Work campaign={campaign.data} id={id} />;
}

function Work({ campaign, id }: { campaign: Campaign; id: string }) {
  const search = useSearch({ from: "/operator/campaigns/$id/work" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/work" });
  const tab = TABS.find((name) => name === search.tab) ?? "flight";
  const work = useQuery(assignmentsQuery(id));
  const divided = useQuery(disagreementsQuery(id));
  const open = divided.data?.filter((one) => !one.decided).length;
  const rejected = useQuery(rejectionCountsQuery(id));
  const disputed = rejected.data?.filter((one) => one.became === "disputed").reduce((sum, one) => sum + one.count, 0);
  const held = work.data?.assignments.filter((one) => one.status === "held").length;
  const counts = {
    flight: held,
    disagreements: open,
    rejections: disputed,
    gold: work.data?.gold.length,
    policy: undefined,
  };
  const titles = {
    flight: "In flight",
    disagreements: "Disagreements",
    rejections: "Rejections",
    gold: "Gold tasks",
    policy: "Policy",
  };
  return (
    <Page title="Work" size={WIDTH}>
      <Stack gap="md">
        <Text size="sm" mt={-14}>
          <Anchor
            underline="always"
            renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "campaigns" }} />}
          >
            {campaign.title}
          </Anchor>
          <Text span c="dimmed" size="sm">
            {" "}
            · who does what, for operators alone
          </Text>
        </Text>
        <Tabs value={tab} keepMounted={false} onChange={(next) => void navigate({ search: { tab: next ?? "flight" } })}>
          <TabRow mb="md">
            {TABS.map((name) => (
              <Tabs.Tab
                key={name}
                value={name}
                rightSection={
                  counts[name] ? (
                    <Badge size="sm" variant="light" color="gray" circle={(counts[name] ?? 0) < 10}>
                      {counts[name]}
                    </Badge>
                  ) : undefined
                }
              >
                {titles[name]}
              </Tabs.Tab>
            ))}
          </TabRow>
          <Tabs.Panel value="flight">
            <InFlight campaign={id} />
          </Tabs.Panel>
          <Tabs.Panel value="disagreements">
            <Disagreements campaign={id} item={search.item} />
          </Tabs.Panel>
          <Tabs.Panel value="rejections">
            <Rejections campaign={id} />
          </Tabs.Panel>
          <Tabs.Panel value="gold">
            <GoldTasks campaign={id} axes={campaign.rubric.axes.map((axis) => axis.name)} asked={search.item} />
          </Tabs.Panel>
          <Tabs.Panel value="policy">
            <PolicyForm campaign={id} priceCents={campaign.price_cents} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}
