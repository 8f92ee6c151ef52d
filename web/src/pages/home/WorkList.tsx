import { SimpleGrid, Stack, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { briefPages } from "../../api/briefs";
import { comparisonPages } from "../../api/comparisons";
import type { ComparisonStatus } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { BRIEF_STATUS, COMPARISON_STATUS } from "../../components/feedback/status";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
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

const STATUSES = Object.entries(COMPARISON_STATUS).map(([value, words]) => ({ value, label: words.label }));

function Comparisons() {
  const { q = "", status = "" } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const filter = (change: { q?: string; status?: ComparisonStatus }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const query = useInfiniteQuery(comparisonPages({ search: q, status }));
  const filtered = q !== "" || status !== "";
  return (
    <Stack component="section" gap="sm" aria-labelledby="comparisons-title">
      <Title order={2} id="comparisons-title">
        My comparisons
      </Title>
      {(filtered || manyRows(query.data)) && (
        <ListTools
          label="Search my comparisons"
          placeholder="Title or campaign"
          value={q}
          onSearch={(text) => filter({ q: text || undefined })}
          choice={{
            label: "Status",
            all: "In any state",
            options: STATUSES,
            value: status,
            onChange: (value) => filter({ status: (value || undefined) as ComparisonStatus | undefined }),
          }}
        />
      )}
      <PagedList
        query={query}
        noun="comparisons"
        filtered={filtered}
        onUnfilter={() => filter({ q: undefined, status: undefined })}
        empty={<Empty title="None yet">Start a task above, or take an example brief to see how it goes.</Empty>}
        row={(entry) => (
          <WorkRow
            key={entry.id}
            to="/comparisons/$id"
            id={entry.id}
            title={entry.title}
            words={COMPARISON_STATUS[entry.status]}
            detail={`${entry.campaign_title} · ${counted(entry.turns, "turn")}`}
            at={entry.updated_at}
          />
        )}
      />
    </Stack>
  );
}

function Drafts() {
  const { briefs = "" } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const search = (text: string) =>
    void navigate({
      search: (before) => ({ ...before, briefs: text || undefined }),
      replace: true,
      resetScroll: false,
    });
  const query = useInfiniteQuery(briefPages(briefs));
  return (
    <Stack component="section" gap="sm" aria-labelledby="briefs-title">
      <Title order={2} id="briefs-title">
        Briefs not started
      </Title>
      {(briefs !== "" || manyRows(query.data)) && (
        <ListTools label="Search my briefs" placeholder="Title or repository" value={briefs} onSearch={search} />
      )}
      <PagedList
        query={query}
        noun="briefs"
        filtered={briefs !== ""}
        onUnfilter={() => search("")}
        empty={<Empty title="No drafts">A brief you begin to write is kept here until you start it.</Empty>}
        row={(brief) => (
          <WorkRow
            key={brief.id}
            to="/briefs/$id"
            id={brief.id}
            title={brief.title || "Untitled brief"}
            words={BRIEF_STATUS[brief.status]}
            detail={brief.source || "no repository yet"}
            at={brief.updated_at}
            action={brief.status === "draft" ? <DeleteBrief brief={brief} /> : undefined}
          />
        )}
      />
    </Stack>
  );
}
