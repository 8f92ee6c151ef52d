import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { reviewQueueQuery } from "../../api/reviews";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { Page } from "../../components/layout/Page";
import { relativeTime } from "../../components/text/time";
import rows from "../home/WorkRow.module.css";

export function QueuePage() {
  const queue = useQuery({ ...reviewQueueQuery, refetchInterval: 30_000 });
  return (
    <Page title="Reviews">
      {queue.isPending ? (
        <Loading label="Loading the queue" />
      ) : queue.error && queue.data === undefined ? (
        <ErrorNotice error={queue.error} onRetry={() => void queue.refetch()} />
      ) : !queue.data || queue.data.length === 0 ? (
        <Empty title="Nothing waits for a review">
          Submitted comparisons appear here, the oldest first. Your own never do.
        </Empty>
      ) : (
        <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0, overflow: "hidden" }}>
          {queue.data.map((entry) => (
            <li key={entry.comparison_id} className={rows.row}>
              <div className={rows.text}>
                <Link to="/comparisons/$id" params={{ id: entry.comparison_id }} className={rows.link}>
                  {entry.title}
                </Link>
                <Text size="xs" c="dimmed" truncate>
                  {entry.campaign_title} · {entry.turns === 1 ? "1 turn" : `${entry.turns} turns`}
                </Text>
              </div>
              <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                submitted {relativeTime(entry.submitted_at)}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
