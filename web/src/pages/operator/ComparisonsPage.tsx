import { Anchor, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { campaignQuery } from "../../api/campaigns";
import { campaignComparisonPages } from "../../api/operator";
import { useRoles } from "../../api/session";
import { Empty } from "../../components/feedback/Empty";
import { COMPARISON_STATUS } from "../../components/feedback/status";
import { Page } from "../../components/layout/Page";
import { ListTools } from "../../components/list/ListTools";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
import { WorkRow } from "../home/WorkRow";

/** As they are called where they are somebody else's. */
const WORDS = { ...COMPARISON_STATUS, returned: { ...COMPARISON_STATUS.returned, label: "Returned" } };
const STATUSES = Object.entries(WORDS).map(([value, words]) => ({ value, label: words.label }));

/** What a campaign's money has bought so far, and who is at it. */
export function ComparisonsPage() {
  const operator = useRoles().includes("operator");
  if (!operator) {
    return (
      <Page title="Comparisons">
        <Empty title="This page is for operators">Your own comparisons are among your tasks.</Empty>
      </Page>
    );
  }
  return <Comparisons />;
}

function Comparisons() {
  const { id } = useParams({ from: "/operator/campaigns/$id/comparisons" });
  const { q = "", status = "" } = useSearch({ from: "/operator/campaigns/$id/comparisons" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/comparisons" });
  const filter = (change: { q?: string; status?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const campaign = useQuery(campaignQuery(id));
  const query = useInfiniteQuery(campaignComparisonPages(id, { search: q, status }));
  return (
    <Page title="Comparisons">
      <Text size="sm" c="dimmed">
        <Anchor underline="always" renderRoot={(props) => <Link {...props} to="/operator" />}>
          {campaign.data?.title ?? "Campaign"}
        </Anchor>{" "}
        · which arm is which is told on a comparison’s tab “Operator”, and only there
      </Text>
      <ListTools
        label="Search the comparisons"
        placeholder="Title or contributor"
        value={q}
        onSearch={(text) => filter({ q: text || undefined })}
        choice={{
          label: "Status",
          all: "In any state",
          options: STATUSES,
          value: status,
          onChange: (value) => filter({ status: value || undefined }),
        }}
      />
      <PagedList
        query={query}
        noun="comparisons"
        filtered={q !== "" || status !== ""}
        onUnfilter={() => filter({ q: undefined, status: undefined })}
        empty={<Empty title="None yet">They appear here when contributors start them.</Empty>}
        row={(entry) => (
          <WorkRow
            key={entry.id}
            to="/comparisons/$id"
            id={entry.id}
            title={entry.title || "Untitled"}
            words={WORDS[entry.status as keyof typeof WORDS]}
            detail={[entry.contributor, counted(entry.turns, "turn"), ...(entry.repeats ? ["judged again"] : [])].join(
              " · ",
            )}
            at={entry.updated_at}
          />
        )}
      />
    </Page>
  );
}
