import { SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { briefsQuery } from "../../api/briefs";
import { comparisonsQuery } from "../../api/comparisons";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { BRIEF_STATUS, COMPARISON_STATUS } from "../../components/feedback/status";
import { relativeTime } from "../../components/text/time";
import { DeleteBrief } from "./DeleteBrief";
import { WorkRow } from "./WorkRow";

/** What I have under way: comparisons, and briefs that have not been started. */
export function WorkList() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" verticalSpacing="xl">
      <Comparisons />
      <Drafts />
    </SimpleGrid>
  );
}

function Comparisons() {
  const comparisons = useQuery(comparisonsQuery);
  return (
    <Stack component="section" gap="sm" aria-labelledby="comparisons-title">
      <Title order={2} id="comparisons-title">
        My comparisons
      </Title>
      {comparisons.isPending ? (
        <Loading label="Loading your comparisons" />
      ) : comparisons.error ? (
        <ErrorNotice error={comparisons.error} onRetry={() => void comparisons.refetch()} />
      ) : comparisons.data.length === 0 ? (
        <Empty title="None yet">Start a task above, or take an example brief to see how it goes.</Empty>
      ) : (
        <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0, overflow: "hidden" }}>
          {comparisons.data.map((entry) => (
            <WorkRow
              key={entry.id}
              to="/comparisons/$id"
              id={entry.id}
              title={entry.title}
              words={COMPARISON_STATUS[entry.status]}
              detail={`${entry.campaign_title} · ${entry.turns === 1 ? "1 turn" : `${entry.turns} turns`} · ${relativeTime(entry.updated_at)}`}
            />
          ))}
        </ul>
      )}
    </Stack>
  );
}

function Drafts() {
  const briefs = useQuery(briefsQuery);
  const open = briefs.data?.filter((brief) => brief.status !== "used") ?? [];
  return (
    <Stack component="section" gap="sm" aria-labelledby="briefs-title">
      <Title order={2} id="briefs-title">
        Briefs not started
      </Title>
      {briefs.isPending ? (
        <Loading label="Loading your briefs" />
      ) : briefs.error ? (
        <ErrorNotice error={briefs.error} onRetry={() => void briefs.refetch()} />
      ) : open.length === 0 ? (
        <Empty title="No drafts">A brief you begin to write is kept here until you start it.</Empty>
      ) : (
        <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0, overflow: "hidden" }}>
          {open.map((brief) => (
            <WorkRow
              key={brief.id}
              to="/briefs/$id"
              id={brief.id}
              title={brief.title || "Untitled brief"}
              words={BRIEF_STATUS[brief.status]}
              detail={`${brief.source || "no repository yet"} · ${relativeTime(brief.updated_at)}`}
              action={brief.status === "draft" ? <DeleteBrief brief={brief} /> : undefined}
            />
          ))}
        </ul>
      )}
    </Stack>
  );
}
