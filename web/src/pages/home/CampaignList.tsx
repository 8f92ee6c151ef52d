import { Button, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { campaignPages } from "../../api/campaigns";
import { allRows } from "../../api/pages";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { ListSkeleton } from "../../components/list/ListSkeleton";
import { ListTools } from "../../components/list/ListTools";
import { CampaignCard } from "./CampaignCard";

/** So many cards that one's own work below is still found. */
const AT_FIRST = 4;

export function useOpenCampaigns() {
  const { campaign = "" } = useSearch({ from: "/" });
  return useInfiniteQuery(campaignPages({ search: campaign, status: "open", limit: AT_FIRST }));
}

export function CampaignList() {
  const { campaign = "" } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const search = (text: string) =>
    void navigate({
      search: (before) => ({ ...before, campaign: text || undefined }),
      replace: true,
      resetScroll: false,
    });
  const campaigns = useOpenCampaigns();
  const open = campaigns.data ? allRows(campaigns.data) : [];
  const many = campaign !== "" || (campaigns.data?.pages[0]?.next ?? null) !== null;
  return (
    <Stack component="section" gap="sm" aria-labelledby="campaigns-title">
      <Title order={2} id="campaigns-title">
        Open campaigns
      </Title>
      {many && (
        <ListTools label="Search the campaigns" placeholder="Title of a campaign" value={campaign} onSearch={search} />
      )}
      {campaigns.isPending ? (
        <ListSkeleton label="Loading the campaigns" rows={1} height={152} />
      ) : campaigns.data === undefined ? (
        <ErrorNotice error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      ) : open.length === 0 && campaign !== "" ? (
        <Empty
          title="No campaigns match"
          action={
            <Button size="xs" variant="default" mt={4} onClick={() => search("")}>
              Show all
            </Button>
          }
        />
      ) : open.length === 0 ? (
        <Empty title="No campaign is open now">
          When an operator opens one, it appears here with its price and guidelines. Nothing for you to do until then.
        </Empty>
      ) : (
        <SimpleGrid cols={{ base: 1, md: open.length > 1 ? 2 : 1 }} spacing="md">
          {open.map((entry) => (
            <CampaignCard key={entry.id} campaign={entry} />
          ))}
        </SimpleGrid>
      )}
      {campaigns.isFetchNextPageError && (
        <ErrorNotice error={campaigns.error} title="The next campaigns did not come" />
      )}
      {campaigns.hasNextPage && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">
            The {open.length} newest campaigns
          </Text>
          <Button
            size="xs"
            variant="default"
            loading={campaigns.isFetchingNextPage}
            onClick={() => void campaigns.fetchNextPage()}
          >
            More campaigns
          </Button>
        </Group>
      )}
    </Stack>
  );
}
