import { Box, Stack } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import { useRoles } from "../../api/session";
import { Page } from "../../components/layout/Page";
import { startFor } from "../sign-in/fragment";
import { CampaignList, useOpenCampaigns } from "./CampaignList";
import { WorkList } from "./WorkList";

export function HomePage() {
  const roles = useRoles();
  const start = startFor(roles);
  if (start !== "/") return <Navigate to={start} replace />;
  return <Tasks />;
}

function Tasks() {
  // One campaign or ten: until that is known, nothing below them has its place, and what is seen would be pushed down.
  const placed = !useOpenCampaigns().isPending;
  return (
    <Page title="Tasks">
      <Stack gap="xl">
        <CampaignList />
        <Box style={placed ? undefined : { visibility: "hidden" }}>
          <WorkList />
        </Box>
      </Stack>
    </Page>
  );
}
