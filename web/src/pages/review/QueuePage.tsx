import { Stack, Tabs } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { reviewQueueQuery } from "../../api/reviews";
import { Empty } from "../../components/feedback/Empty";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import { COMPARISON_STATUS } from "../../components/feedback/status";
import { Page } from "../../components/layout/Page";
import { TabRow } from "../../components/layout/TabRow";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
import { Time } from "../../components/text/Time";
import rows from "../home/WorkRow.module.css";
import { DecidedList } from "./DecidedList";
import { JustDecided } from "./JustDecided";

/** What waits for the reviewer, and what they decided. */
export function QueuePage() {
  const { tab, accepted, returned, rejected } = useSearch({ from: "/reviews" });
  const navigate = useNavigate({ from: "/reviews" });
  return (
    <Page title="Reviews">
      {accepted && <JustDecided key={accepted} comparison={accepted} decision="accept" />}
      {returned && <JustDecided key={returned} comparison={returned} decision="return" />}
      {rejected && <JustDecided key={rejected} comparison={rejected} decision="reject" />}
      <Tabs
        value={tab === "decided" ? "decided" : "waiting"}
        onChange={(next) => void navigate({ search: next === "decided" ? { tab: "decided" } : {} })}
        keepMounted={false}
      >
        <TabRow mb="md">
          <Tabs.Tab value="waiting">Waiting</Tabs.Tab>
          <Tabs.Tab value="decided">Decided by you</Tabs.Tab>
        </TabRow>
        <Tabs.Panel value="waiting">
          <Queue />
        </Tabs.Panel>
        <Tabs.Panel value="decided">
          <DecidedList />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Queue() {
  const { q = "" } = useSearch({ from: "/reviews" });
  const navigate = useNavigate({ from: "/reviews" });
  const search = (text: string) =>
    void navigate({ search: text ? { q: text } : {}, replace: true, resetScroll: false });
  const queue = useInfiniteQuery(reviewQueueQuery(q));
  return (
    <Stack gap="md">
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
                  <bdi>{entry.campaign_title}</bdi> · {counted(entry.turns, "turn")}
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
    </Stack>
  );
}
