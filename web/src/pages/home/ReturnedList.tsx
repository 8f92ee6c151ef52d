import { Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { comparisonPages, earningsQuery } from "../../api/comparisons";
import { COMPARISON_STATUS } from "../../components/feedback/status";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
import { dollars } from "./money";
import { WorkRow } from "./WorkRow";

/** What a reviewer asks to be mended comes before anything new: it is nearly earned. Nothing where nothing is. */
export function ReturnedList() {
  const returned = useQuery(earningsQuery).data?.returned;
  if (returned === undefined || returned.count === 0) return null;
  return <Returned count={returned.count} cents={returned.cents} />;
}

function Returned({ count, cents }: { count: number; cents: number }) {
  const query = useInfiniteQuery(comparisonPages({ search: "", status: "returned" }));
  return (
    <Stack component="section" gap="sm" aria-labelledby="returned-title">
      <div>
        <Title order={2} id="returned-title">
          Returned to you ({count.toLocaleString("en-US")})
        </Title>
        <Text size="sm" c="dimmed">
          A reviewer asks for a change: mend what their comments say and submit again. {dollars(cents)} for{" "}
          {counted(count, "comparison")}.
        </Text>
      </div>
      <PagedList
        query={query}
        noun="returned comparisons"
        expected={Math.min(count, 50)}
        filtered={false}
        onUnfilter={() => undefined}
        empty={null}
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
