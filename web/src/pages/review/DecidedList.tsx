import { Button, Group, Select, Stack, Text, Tooltip } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type Decided, decidedCampaignsQuery, decidedPages, useReopen } from "../../api/reviews";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import { ListTools } from "../../components/list/ListTools";
import { PagedList } from "../../components/list/PagedList";
import { counted } from "../../components/text/counted";
import { Time } from "../../components/text/Time";
import { VisibleText } from "../../components/text/VisibleText";
import { REASONS } from "../comparison/review/reasons";
import rows from "../home/WorkRow.module.css";
import classes from "./DecidedList.module.css";
import { BECAME, DECISIONS } from "./decided";

const OPTIONS = Object.entries(DECISIONS).map(([value, { label }]) => ({ value, label }));

/** What I decided, the newest first: found again by decision, campaign or words, and taken back while that is possible. */
export function DecidedList() {
  const { q = "", decision = "", campaign = "" } = useSearch({ from: "/reviews" });
  const navigate = useNavigate({ from: "/reviews" });
  const filter = (change: { q?: string; decision?: string; campaign?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const found = useInfiniteQuery(decidedPages({ search: q, decision, campaign }));
  const campaigns = useQuery(decidedCampaignsQuery).data ?? [];
  return (
    <Stack gap="md">
      <Group gap="xs" align="flex-start">
        <div className={classes.tools}>
          <ListTools
            label="Search what you decided"
            placeholder="Title, campaign, or your own words"
            value={q}
            onSearch={(text) => filter({ q: text || undefined })}
            choice={{
              label: "Decision",
              all: "All decisions",
              options: OPTIONS,
              value: decision,
              onChange: (value) => filter({ decision: value || undefined }),
            }}
          />
        </div>
        {campaigns.length > 1 && (
          <Select
            aria-label="Campaign"
            size="sm"
            className={classes.campaign}
            allowDeselect={false}
            searchable={campaigns.length > 8}
            data={[
              { value: "", label: "All campaigns" },
              ...campaigns.map(({ id, title }) => ({ value: id, label: title })),
            ]}
            value={campaign}
            onChange={(next) => filter({ campaign: next || undefined })}
          />
        )}
      </Group>
      <PagedList
        query={found}
        noun="decisions"
        filtered={q !== "" || decision !== "" || campaign !== ""}
        onUnfilter={() => filter({ q: undefined, decision: undefined, campaign: undefined })}
        empty={
          <Empty title="You have decided nothing yet">
            What you accept, return or reject stands here, and can be taken back for a while.
          </Empty>
        }
        row={(entry) => <Row key={entry.id} entry={entry} />}
        height={76}
      />
    </Stack>
  );
}

function Row({ entry }: { entry: Decided }) {
  const title = entry.title || "Untitled";
  const became = BECAME[entry.became];
  return (
    <li className={rows.row}>
      <div className={rows.text}>
        {entry.can_open ? (
          <Link to="/comparisons/$id" params={{ id: entry.comparison_id }} className={rows.link}>
            <VisibleText text={title} />
          </Link>
        ) : (
          <Text fw={600} size="sm" className={rows.cut} title="Its contributor works on it again">
            <VisibleText text={title} />
          </Text>
        )}
        <div className={rows.detail}>
          <span className={rows.cut}>
            {entry.reason !== null && <b>{REASONS[entry.reason].label} · </b>}
            <bdi>{entry.campaign_title}</bdi> · {counted(entry.turns, "turn")}
            {entry.on_dispute && " · on a dispute"}
          </span>
          <span className={rows.at}>
            · <Time iso={entry.at} relative />
          </span>
        </div>
        {entry.comments && (
          <p className={classes.said}>
            <VisibleText text={entry.comments} />
          </p>
        )}
      </div>
      <div className={classes.end}>
        <Group gap={6} wrap="nowrap" justify="flex-end">
          <StatusBadge words={DECISIONS[entry.decision]} />
        </Group>
        {became && (
          <Text size="xs" c="dimmed">
            {became}
          </Text>
        )}
        {entry.became === "stands" && <TakeBack entry={entry} title={title} />}
      </div>
    </li>
  );
}

function TakeBack({ entry, title }: { entry: Decided; title: string }) {
  const reopen = useReopen(entry.comparison_id);
  if (!entry.can_reopen)
    return (
      <Tooltip label={entry.kept_because} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
        <Text size="xs" c="dimmed" tabIndex={0} className={classes.stands}>
          stands<span className="visually-hidden">: {entry.kept_because}</span>
        </Text>
      </Tooltip>
    );
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        loading={reopen.isPending}
        aria-label={`Take it back: ${title}`}
        onClick={() => reopen.mutate("")}
      >
        Take it back
      </Button>
      {reopen.error && <ErrorNotice error={reopen.error} title="It was not taken back" />}
    </>
  );
}
