import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRoles } from "../../api/session";
import { Empty } from "../../components/feedback/Empty";
import { Page } from "../../components/layout/Page";
import { TabRow } from "../../components/layout/TabRow";
import { useDisputesPending } from "../../components/layout/use-waiting-disputes";
import { ListSkeleton } from "../../components/list/ListSkeleton";
import { CampaignsTab } from "./CampaignsTab";
import { DisputesNotice } from "./DisputesNotice";
import { DatasetsTab } from "./datasets/DatasetsTab";
import { DatasetView } from "./datasets/DatasetView";
import { HeldNotice, useHeldPending } from "./datasets/HeldNotice";
import { PeopleTab } from "./PeopleTab";
import { SystemTab } from "./SystemTab";
import { TuningRunView } from "./tuning/TuningRunView";
import { TuningTab } from "./tuning/TuningTab";

const TABS = ["campaigns", "people", "datasets", "tuning", "system"] as const;

export function OperatorPage() {
  const { tab, run, dataset } = useSearch({ from: "/operator" });
  const navigate = useNavigate({ from: "/operator" });
  const operator = useRoles().includes("operator");
  const heldPending = useHeldPending();
  const pending = useDisputesPending() || heldPending;
  const current = TABS.find((name) => name === tab) ?? "campaigns";
  if (!operator) {
    return (
      <Page title="Operate">
        <Empty title="This page is for operators">Ask an operator for the role, if you should have it.</Empty>
      </Page>
    );
  }
  if (pending) {
    return (
      <Page title="Operate">
        <ListSkeleton label="Loading the page" rows={2} height={210} />
      </Page>
    );
  }
  return (
    <Page title="Operate">
      <DisputesNotice />
      <HeldNotice />
      <Tabs
        value={current}
        onChange={(next) => void navigate({ search: { tab: next ?? "campaigns" } })}
        keepMounted={false}
      >
        <TabRow mb="lg">
          <Tabs.Tab value="campaigns">Campaigns</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="datasets">Datasets</Tabs.Tab>
          <Tabs.Tab value="tuning">Tuning</Tabs.Tab>
          <Tabs.Tab value="system">System</Tabs.Tab>
        </TabRow>
        <Tabs.Panel value="campaigns">
          <CampaignsTab />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <PeopleTab />
        </Tabs.Panel>
        <Tabs.Panel value="datasets">{dataset ? <DatasetView id={dataset} /> : <DatasetsTab />}</Tabs.Panel>
        <Tabs.Panel value="tuning">{run ? <TuningRunView id={run} /> : <TuningTab />}</Tabs.Panel>
        <Tabs.Panel value="system">
          <SystemTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
