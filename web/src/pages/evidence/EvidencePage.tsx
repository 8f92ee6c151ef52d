import { Anchor, Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { campaignQuery } from "../../api/campaigns";
import { agreementQuery, changesQuery, decisionQuery, leaderboardQuery, useRefreshEvidence } from "../../api/evidence";
import type { Agreement, Decision, Leaderboard } from "../../api/evidence-types";
import { useRoles } from "../../api/session";
import type { Campaign } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Page } from "../../components/layout/Page";
import { TabRow } from "../../components/layout/TabRow";
import { AgreementTab } from "./agreement/AgreementTab";
import { Changes } from "./Changes";
import { DecisionTab } from "./decision/DecisionTab";
import classes from "./Evidence.module.css";
import { LeaderboardTab } from "./leaderboard/LeaderboardTab";
import { MethodTab } from "./method/MethodTab";
import { Skeleton } from "./parts";
import { sliceOf, type Tab } from "./search";

const WIDTH = 1560;
const TITLES: Record<Tab, string> = {
  decision: "Decision",
  leaderboard: "Leaderboard",
  agreement: "Agreement",
  method: "Method",
};

/** What a campaign has found out so far. For operators alone: standings would sway those who still judge. */
export function EvidencePage() {
  const operator = useRoles().includes("operator");
  const { id } = useParams({ from: "/operator/campaigns/$id/evidence" });
  const campaign = useQuery({ ...campaignQuery(id), enabled: operator });
  if (!operator) {
    return (
      <Page title="Evidence">
        <Empty title="This page is for operators">
          Standings would sway the people who still judge, so contributors and reviewers never see them.
        </Empty>
      </Page>
    );
  }
  if (campaign.data === undefined) {
    return (
      <Page title="Evidence" size={WIDTH}>
        {campaign.error ? (
          <ErrorNotice error={campaign.error} onRetry={() => void campaign.refetch()} />
        ) : (
          <Skeleton label="Loading the campaign" heights={[180, 420]} />
        )}
      </Page>
    );
  }
  return <Evidence campaign={campaign.data} id={id} />;
}

function Evidence({ campaign, id }: { campaign: Campaign; id: string }) {
  const search = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/evidence" });
  const refresh = useRefreshEvidence(id);
  const tab = search.tab ?? "decision";
  const decision = useQuery({ ...decisionQuery(id), enabled: tab === "decision" || tab === "method" });
  const changes = useQuery({ ...changesQuery(id), enabled: tab === "decision" });
  const board = useQuery({
    ...leaderboardQuery(id, tab === "leaderboard" ? sliceOf(search) : {}),
    enabled: tab === "leaderboard" || tab === "method",
  });
  const agreement = useQuery({ ...agreementQuery(id), enabled: tab === "agreement" || tab === "method" });
  const busy = [decision, board, agreement].some((query) => query.isFetching);
  return (
    <Page
      title="Evidence"
      size={WIDTH}
      actions={
        <Button variant="default" size="xs" onClick={refresh} loading={busy}>
          Look again
        </Button>
      }
    >
      <Stack gap="md">
        <Text size="sm" mt={-14}>
          <Anchor
            underline="always"
            renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "campaigns" }} />}
          >
            <bdi>{campaign.title}</bdi>
          </Anchor>
          <Text span c="dimmed" size="sm">
            {" "}
            · for operators alone; each look is in the audit log
          </Text>
        </Text>
        {campaign.synthetic && <Synthetic />}
        <Tabs
          value={tab}
          keepMounted={false}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, tab: (next ?? "decision") as Tab }) })}
        >
          <TabRow mb="md">
            {Object.entries(TITLES).map(([value, title]) => (
              <Tabs.Tab key={value} value={value}>
                {title}
              </Tabs.Tab>
            ))}
          </TabRow>
          <Tabs.Panel value="decision">
            <Stack gap="md">
              {decision.data !== undefined && !search.amend && <Changes id={id} />}
              {decision.data !== undefined && !search.amend && changes.isPending ? (
                // Both come at once: what changed would push down a decision that is being read.
                <Skeleton label="Loading the decision" heights={[210, 110, 420]} />
              ) : (
                <Known query={decision} label="Loading the decision" heights={[150, 210, 110, 420]}>
                  {(data: Decision | null) => <DecisionTab id={id} campaign={campaign} decision={data} />}
                </Known>
              )}
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="leaderboard">
            <Known
              query={board}
              label="Loading the leaderboard"
              heights={[120, 330, 330]}
              out={
                Object.keys(sliceOf(search)).length > 0 && (
                  <Button variant="default" onClick={() => void navigate({ search: { tab: "leaderboard" } })}>
                    Count all votes, overall
                  </Button>
                )
              }
            >
              {(data: Leaderboard) => (
                <LeaderboardTab id={id} campaign={campaign} board={data} stale={board.isPlaceholderData} />
              )}
            </Known>
          </Tabs.Panel>
          <Tabs.Panel value="agreement">
            <Known query={agreement} label="Loading the agreement" heights={[180, 300, 420]}>
              {(data: Agreement) => <AgreementTab campaign={campaign} agreement={data} />}
            </Known>
          </Tabs.Panel>
          <Tabs.Panel value="method">
            <MethodTab
              id={id}
              campaign={campaign}
              parts={[
                { title: "Decision", query: decision as UseQueryResult<Decision | null> },
                { title: "Leaderboard", query: board },
                { title: "Agreement", query: agreement },
              ]}
            />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}

/** Loading, failed, old or there: what was known stays in sight when a newer answer fails. */
function Known<Data>(props: {
  query: UseQueryResult<Data>;
  label: string;
  heights: number[];
  /** A way out beside the error. */
  out?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  const { query, label, heights, out, children } = props;
  if (query.data === undefined) {
    if (query.error) {
      return (
        <Stack gap="sm" align="flex-start">
          <div style={{ width: "100%" }}>
            <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
          </div>
          {out}
        </Stack>
      );
    }
    return <Skeleton label={label} heights={heights} />;
  }
  return (
    <Stack gap="md">
      {query.error && (
        <ErrorNotice error={query.error} title="What you see may be old" onRetry={() => void query.refetch()} />
      )}
      {children(query.data)}
    </Stack>
  );
}

function Synthetic() {
  return (
    <Group className={classes.synthetic} role="note" gap="xs">
      <span aria-hidden>⚠</span>
      <span>
        <b>Synthetic campaign.</b> Simulated contributors, no real judgement: none of these numbers says anything about
        real arms.
      </span>
    </Group>
  );
}
