import { Stack } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import { useRoles } from "../../api/session";
import { Page } from "../../components/layout/Page";
import { startFor } from "../sign-in/fragment";
import { CampaignList } from "./CampaignList";
import { WorkList } from "./WorkList";

export function HomePage() {
  const roles = useRoles();
  const start = startFor(roles);
  if (start !== "/") return <Navigate to={start} replace />;
  return (
    <Page title="Tasks">
      <Stack gap="xl">
        <CampaignList />
        <WorkList />
      </Stack>
    </Page>
  );
}
