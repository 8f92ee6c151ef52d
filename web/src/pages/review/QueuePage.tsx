import { Alert, Anchor, Button, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { reviewQueueQuery, useReopen } from "../../api/reviews";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import { COMPARISON_STATUS } from "../../components/feedback/status";
import { Page } from "../../components/layout/Page";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { Time } from "../../components/text/Time";
import rows from "../home/WorkRow.module.css";

export function QueuePage() {
  const { q = "", accepted, returned, rejected } = useSearch({ from: "/reviews" });
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
      {rejected && <Rejected comparison={rejected} />}
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
              <div className={rows.detail}>
                <span className={rows.cut}>
                  <bdi>{entry.campaign_title}</bdi> · {entry.turns === 1 ? "1 turn" : `${entry.turns} turns`}
                </span>
                <span className={rows.at}>
                  · submitted <Time iso={entry.submitted_at} relative />
                </span>
              </div>
            </div>
            {entry.disputed && <StatusBadge words={COMPARISON_STATUS.disputed} />}
          </li>
        )}
      />
    </Page>
  );
}

/** What was rejected a moment ago, and the way back: a wrong press is undone where it is noticed. */
function Rejected({ comparison }: { comparison: string }) {
  const reopen = useReopen(comparison);
  const navigate = useNavigate();
  const takeBack = async () => {
    const done = await reopen.mutateAsync("").catch(() => null);
    if (done) await navigate({ to: "/comparisons/$id", params: { id: comparison } });
  };
  return (
    <>
      <Alert color="red" variant="default" p="sm" role="status">
        <Group justify="space-between" gap="xs">
          <Text size="sm">
            Rejected. The contributor reads your reason, and may dispute it.{" "}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => <Link {...props} to="/comparisons/$id" params={{ id: comparison }} />}
            >
              Look at it again
            </Anchor>
          </Text>
          <Button size="compact-sm" variant="default" loading={reopen.isPending} onClick={() => void takeBack()}>
            Take it back
          </Button>
        </Group>
      </Alert>
      {reopen.error && <ErrorNotice error={reopen.error} title="It was not taken back" />}
    </>
  );
}
