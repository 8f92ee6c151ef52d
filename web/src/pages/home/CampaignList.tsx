import { SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { campaignsQuery } from "../../api/campaigns";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { CampaignCard } from "./CampaignCard";

export function CampaignList() {
  const campaigns = useQuery(campaignsQuery);
  const open = campaigns.data?.filter((campaign) => campaign.status === "open") ?? [];
  return (
    <Stack component="section" gap="sm" aria-labelledby="campaigns-title">
      <Title order={2} id="campaigns-title">
        Open campaigns
      </Title>
      {campaigns.isPending ? (
        <Loading label="Loading the campaigns" />
      ) : campaigns.error ? (
        <ErrorNotice error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      ) : open.length === 0 ? (
        <Empty title="No campaign is open now">
          When an operator opens one, it appears here with its price and guidelines. Nothing for you to do until then.
        </Empty>
      ) : (
        <SimpleGrid cols={{ base: 1, md: open.length > 1 ? 2 : 1 }} spacing="md">
          {open.map((campaign) => (
            <CampaignCard key={campaign.id} campaign={campaign} />
          ))}
        </SimpleGrid>
      )}
    </Stack>
  );
}
