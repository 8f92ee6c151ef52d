import { Alert, Anchor, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { reviewQueueQuery } from "../../api/reviews";
import { Empty } from "../../components/feedback/Empty";
import { Page } from "../../components/layout/Page";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { Time } from "../../components/text/Time";
import rows from "../home/WorkRow.module.css";

export function QueuePage() {
  const { q = "", accepted, returned } = useSearch({ from: "/reviews" });
  const reviewed = accepted ?? returned;
  const navigate = useNavigate({ from: "/reviews" });
  const search = (text: string) =>
    void navigate({ search: text ? { q: text } : {}, replace: true, resetScroll: false });
  const queue = useInfiniteQuery(reviewQueueQuery(q));
  return (
    <Page title="Reviews">
      {reviewed && (
        <Alert color={accepted ? "green" : "orange"} variant="default" p="sm" role="status">
          <Text size="sm">
            {accepted ? "Accepted." : "Returned with your comments; it comes back here when it is submitted again."}{" "}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => <Link {...props} to="/comparisons/$id" params={{ id: reviewed }} />}
            >
              Look at it again
            </Anchor>
          </Text>
        </Alert>
      )}
      {(q !== "" || manyRows(queue.data)) && (
        <ListTools label="Search the queue" placeholder="Title or campaign" value={q} onSearch={search} />
      )}
      <PagedList
        query={queue}
        noun="submissions"
        filtered={q !== ""}
        onUnfilter={() => search("")}
        empty={
          <Empty title="Nothing waits for a review">
            Submitted comparisons appear here, the oldest first. Your own never do.
          </Empty>
        }
        row={(entry) => (
          <li key={entry.comparison_id} className={rows.row}>
            <div className={rows.text}>
              <Link to="/comparisons/$id" params={{ id: entry.comparison_id }} className={rows.link}>
                {entry.title}
              </Link>
              <Text size="xs" c="dimmed" truncate>
                <bdi>{entry.campaign_title}</bdi> · {entry.turns === 1 ? "1 turn" : `${entry.turns} turns`}
              </Text>
            </div>
            <Text size="xs" c="dimmed" className={rows.at}>
              submitted <Time iso={entry.submitted_at} relative />
            </Text>
          </li>
        )}
      />
    </Page>
  );
}
