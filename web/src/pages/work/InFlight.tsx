import { Anchor, Badge, Button, SegmentedControl, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { assignmentsQuery } from "../../api/operator";
import { type Held, useRelease } from "../../api/work";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { counted } from "../../components/text/counted";
import { Time } from "../../components/text/Time";
import { VisibleText } from "../../components/text/VisibleText";
import { Section, Skeleton, TableBox } from "../evidence/parts";
import { ReasonDialog } from "./ReasonDialog";
import classes from "./Work.module.css";
import { drawn, KIND, STATE } from "./words";

/** Who holds what, what they did with it, and a way to free a place. */
export function InFlight({ campaign }: { campaign: string }) {
  const found = useQuery({ ...assignmentsQuery(campaign), refetchInterval: 30_000 });
  const release = useRelease(campaign);
  const [name, setName] = useState("");
  const [which, setWhich] = useState("flight");
  const [taking, setTaking] = useState<Held | null>(null);
  if (found.data === undefined)
    return found.error ? (
      <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
    ) : (
      <Skeleton label="Loading the assignments" heights={[420]} />
    );
  const all = found.data.assignments;
  const rows = all.filter(
    (row) =>
      (which === "all" || underWay(row)) &&
      row.person_name.toLocaleLowerCase().includes(name.toLocaleLowerCase().trim()),
  );
  return (
    <Section
      title="Assignments"
      lead="What is held is free again after two hours in which nobody worked on it. Take it back sooner if somebody is away; they are told when they come back."
      aside={
        <div className={classes.tools}>
          <TextInput
            aria-label="Search by name"
            placeholder="Name"
            size="xs"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <SegmentedControl
            size="xs"
            aria-label="Which assignments"
            value={which}
            onChange={setWhich}
            data={[
              { value: "flight", label: "Under way" },
              { value: "all", label: "All" },
            ]}
          />
        </div>
      }
    >
      {found.error && (
        <ErrorNotice error={found.error} title="What you see may be old" onRetry={() => void found.refetch()} />
      )}
      {release.error && <ErrorNotice error={release.error} title="It was not taken back" />}
      {rows.length === 0 ? (
        <NoRows all={all.length} searched={name.trim() !== ""} />
      ) : (
        <TableBox label="Assignments" tall>
          <thead>
            <tr>
              <th scope="col" className={classes.text}>
                Who
              </th>
              <th scope="col" className={classes.text}>
                What
              </th>
              <th scope="col" className={classes.text}>
                State
              </th>
              <th scope="col" className={classes.text}>
                Since
              </th>
              <th scope="col" className={classes.text}>
                Results
              </th>
              <th scope="col" className={classes.act}>
                <span className="visually-hidden">Take back</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row" className={classes.text}>
                  <VisibleText text={row.person_name} />
                </th>
                <td className={classes.text}>
                  {KIND[row.kind]}
                  {drawn(row) && <span className={classes.sub}>{drawn(row)}</span>}
                </td>
                <td className={classes.text}>
                  <State row={row} />
                </td>
                <td className={classes.text}>
                  <Time iso={row.created_at} />
                  {row.status === "held" && (
                    <span className={classes.sub}>
                      kept until <Time iso={row.expires_at} />
                    </span>
                  )}
                </td>
                <td className={classes.text}>
                  {(row.comparison_id ?? row.source_id) && (
                    <Anchor
                      size="sm"
                      underline="always"
                      renderRoot={(props) => (
                        <Link
                          {...props}
                          to="/comparisons/$id"
                          params={{ id: row.comparison_id ?? row.source_id ?? "" }}
                        />
                      )}
                    >
                      Open<span className="visually-hidden"> the results of {row.person_name}</span>
                    </Anchor>
                  )}
                </td>
                <td className={classes.act}>
                  {canRelease(row) && (
                    <Button size="compact-xs" variant="default" onClick={() => setTaking(row)}>
                      Take back<span className="visually-hidden"> from {row.person_name}</span>
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      {all.length >= 200 && (
        <Text size="sm" c="dimmed">
          What is held, then the latest: 200 in all.
        </Text>
      )}
      <ReasonDialog
        key={taking?.id ?? "none"}
        opened={taking !== null}
        title={`Take it back from ${taking?.person_name ?? ""}?`}
        lead={
          taking?.status === "begun"
            ? "What they have typed is kept, but they can’t go on; the results are given to somebody else."
            : "The place is free at once, and they can ask for another one."
        }
        label="Why"
        action="Take it back"
        pending={release.isPending}
        onClose={() => setTaking(null)}
        onSend={(reason) => taking && release.mutate({ id: taking.id, reason }, { onSettled: () => setTaking(null) })}
      />
    </Section>
  );
}

/** Why the table is empty, and what fills it. */
function NoRows({ all, searched }: { all: number; searched: boolean }) {
  if (all === 0)
    return (
      <Empty title="No contributor has taken work in this campaign yet">
        What a contributor takes on their start page, a task of their own or results to judge again, stands here from
        then on, and you can take it back. It needs an open campaign with two active arms, and contributors: invite them
        on{" "}
        <Anchor
          inherit
          underline="always"
          renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "people" }} />}
        >
          Operate, People
        </Anchor>
        .
      </Empty>
    );
  if (searched) return <Empty title="Nobody of this name">Search for another name, or choose All.</Empty>;
  return (
    <Empty title="Nothing is under way now">
      {counted(all, "assignment")} {all === 1 ? "is" : "are"} over: choose All to see {all === 1 ? "it" : "them"}.
    </Empty>
  );
}

function State({ row }: { row: Held }) {
  const colour = row.status === "held" ? "blue" : row.status === "begun" ? "green" : "gray";
  return (
    <>
      <Badge variant="light" color={colour} tt="none" radius="sm">
        {STATE[row.status]}
      </Badge>
      {row.status === "begun" && row.comparison_status && (
        <span className={classes.sub}>{row.comparison_status.replace("_", " ")}</span>
      )}
      {row.agreed !== null && <span className={classes.sub}>{row.agreed ? "agrees" : "differs"}</span>}
      {row.reason && (
        <span className={classes.sub}>
          “<VisibleText text={row.reason} />”
        </span>
      )}
    </>
  );
}

function underWay(row: Held): boolean {
  return row.status === "held" || (row.status === "begun" && !over(row));
}

function over(row: Held): boolean {
  return ["submitted", "accepted", "rejected", "disputed", "cancelled"].includes(row.comparison_status ?? "");
}

/** What the service takes back: what is held, and judging that was begun and not submitted. */
function canRelease(row: Held): boolean {
  return (
    row.status === "held" ||
    (row.status === "begun" && row.kind !== "own" && ["to_rate", "rated"].includes(row.comparison_status ?? ""))
  );
}
