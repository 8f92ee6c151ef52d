import { Box, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { earningsQuery } from "../../api/comparisons";
import { useRoles } from "../../api/session";
import { Page } from "../../components/layout/Page";
import { ListSkeleton } from "../../components/list/ListSkeleton";
import { startFor } from "../sign-in/fragment";
import { CampaignList, useOpenCampaigns } from "./CampaignList";
import { Earnings } from "./Earnings";
import { ReturnedList } from "./ReturnedList";
import { WorkList } from "./WorkList";

export function HomePage() {
  const roles = useRoles();
  const start = startFor(roles);
  if (start !== "/") return <Navigate to={start} replace />;
  return <Tasks />;
}

function Tasks() {
  // One campaign or ten, something returned or not: until that is known, nothing below has its place, and what is seen
  // would be pushed down.
  const campaigns = !useOpenCampaigns().isPending;
  const first = !useQuery(earningsQuery).isPending;
  return (
    <Page title="Tasks">
      <Stack gap="xl">
        {!first && <ListSkeleton label="Loading your tasks" rows={3} height={84} />}
        <ReturnedList />
        <Earnings />
        <Shown when={first}>
          <CampaignList />
        </Shown>
        <Shown when={first && campaigns}>
          <WorkList />
        </Shown>
      </Stack>
    </Page>
  );
}

function Shown({ when, children }: { when: boolean; children: ReactNode }) {
  return <Box style={when ? undefined : { visibility: "hidden" }}>{children}</Box>;
}
