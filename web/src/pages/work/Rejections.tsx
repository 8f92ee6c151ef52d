import { Badge } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Reason } from "../../api/types";
import { type Became, type Rejection, rejectionCountsQuery, rejectionPages } from "../../api/work";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { ListTools } from "../../components/list/ListTools";
import { PagedList } from "../../components/list/PagedList";
import { Time } from "../../components/text/Time";
import { VisibleText } from "../../components/text/VisibleText";
import { REASON_LIST, REASONS } from "../comparison/review/reasons";
import { Section, TableBox } from "../evidence/parts";
import rows from "../home/WorkRow.module.css";
import classes from "./Work.module.css";
import { BECAME } from "./words";

const STATES = Object.entries(BECAME) as [Became, (typeof BECAME)[Became]][];
const OPTIONS = STATES.map(([value, { label }]) => ({ value, label }));

/** What was rejected, by whom, why, and what became of it: how a wrong rejection, or a wrong reviewer, is found. */
export function Rejections({ campaign }: { campaign: string }) {
  const { q = "", became = "" } = useSearch({ from: "/operator/campaigns/$id/work" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/work" });
  const filter = (change: { q?: string; became?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const found = useInfiniteQuery(rejectionPages(campaign, { search: q, became }));
  return (
    <Section
      title="Rejections"
      lead="A rejected submission is not paid, counts for nothing, and its place is free again. A dispute is decided by a reviewer who had no part in it, or by you; a wrong rejection that nobody disputes you can take back. Open one to do either."
    >
      <Counts campaign={campaign} />
      <ListTools
        label="Search the rejections"
        placeholder="Title, contributor or reviewer"
        value={q}
        onSearch={(text) => filter({ q: text || undefined })}
        choice={{
          label: "What became of it",
          all: "All of them",
          options: OPTIONS,
          value: became,
          onChange: (value) => filter({ became: value || undefined }),
        }}
      />
      <PagedList
        query={found}
        noun="rejections"
        filtered={q !== "" || became !== ""}
        onUnfilter={() => filter({ q: undefined, became: undefined })}
        empty={<Empty title="Nothing was rejected">What reviewers reject stands here, with the reason.</Empty>}
        row={(one) => <Row key={one.id} one={one} />}
        height={76}
      />
    </Section>
  );
}

function Row({ one }: { one: Rejection }) {
  const { label, color } = BECAME[one.became];
  return (
    <li className={rows.row}>
      <div className={rows.text}>
        <Link to="/comparisons/$id" params={{ id: one.comparison_id }} className={rows.link}>
          <VisibleText text={one.title || "Untitled"} />
        </Link>
        <div className={rows.detail}>
          <span className={rows.cut}>
            <b>{REASONS[one.reason].label}</b> · <bdi>{one.contributor}</bdi>, rejected by <bdi>{one.reviewer}</bdi>
          </span>
          <span className={rows.at}>
            · <Time iso={one.at} relative />
          </span>
        </div>
        <p className={classes.said}>
          <VisibleText text={one.comments} />
        </p>
        {one.dispute && (
          <p className={classes.said}>
            <b>Against it: </b>
            <VisibleText text={one.dispute.text} />
          </p>
        )}
      </div>
      <Badge variant="light" tt="none" radius="sm" color={color} style={{ flexShrink: 0 }}>
        {label}
      </Badge>
    </li>
  );
}

/** By reason and by what became of it; only the reasons that were given. */
function Counts({ campaign }: { campaign: string }) {
  const counts = useQuery(rejectionCountsQuery(campaign));
  if (counts.error)
    return <ErrorNotice error={counts.error} title="The counts can’t be shown" onRetry={() => void counts.refetch()} />;
  const of = (reason?: Reason, became?: Became) =>
    (counts.data ?? [])
      .filter((one) => (!reason || one.reason === reason) && (!became || one.became === became))
      .reduce((sum, one) => sum + one.count, 0);
  const given = REASON_LIST.filter(([reason]) => of(reason) > 0);
  if (given.length === 0) return null;
  return (
    <TableBox label="Rejections by reason">
      <thead>
        <tr>
          <th scope="col" className={classes.text}>
            Reason
          </th>
          {STATES.map(([became, { label }]) => (
            <th key={became} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">All</th>
        </tr>
      </thead>
      <tbody>
        {given.map(([reason, { label }]) => (
          <tr key={reason}>
            <th scope="row" className={classes.text}>
              {label}
            </th>
            {STATES.map(([became]) => (
              <Count key={became} value={of(reason, became)} />
            ))}
            <Count value={of(reason)} />
          </tr>
        ))}
        {given.length > 1 && (
          <tr>
            <th scope="row" className={classes.text}>
              All
            </th>
            {STATES.map(([became]) => (
              <Count key={became} value={of(undefined, became)} />
            ))}
            <Count value={of()} />
          </tr>
        )}
      </tbody>
    </TableBox>
  );
}

function Count({ value }: { value: number }) {
  return <td style={value === 0 ? { color: "var(--app-muted)" } : undefined}>{value}</td>;
}
