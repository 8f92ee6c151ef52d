import { Checkbox, Group, Text, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import type { ContributorReliability } from "../../../api/evidence-types";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { scaleFor } from "../../../components/charts/scale";
import { counted } from "../../../components/text/counted";
import { VisibleText } from "../../../components/text/VisibleText";
import classes from "../Evidence.module.css";
import { Section, TableBox } from "../parts";
import { type Column, nextSort, readSort } from "../search";
import * as words from "../words";
import { shownPeople } from "./people";

/** Everybody's votes against everybody else's: for care, not for a ranking of people. */
export function Contributors({ people }: { people: ContributorReliability[] }) {
  const search = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/evidence" });
  const [name, setName] = useState("");
  const flagged = search.flagged ?? false;
  const { column, down } = readSort(search.sort);
  const shown = useMemo(
    () => shownPeople(people, { column, down, flagged, name }),
    [people, column, down, flagged, name],
  );
  const many = people.filter((person) => person.flags.length > 0).length;
  const scale = useMemo(
    () =>
      scaleFor(
        people.map((one) => one.agreement),
        [0.5],
        [0, 1],
      ),
    [people],
  );
  const side = useMemo(
    () =>
      scaleFor(
        telling(people).map((one) => one.left_share),
        [0.5],
        [0, 1],
      ),
    [people],
  );
  const head = (own: Column, label: string, sub?: ReactNode) => (
    <th
      scope="col"
      className={own === "name" ? classes.name : undefined}
      aria-sort={own !== column ? undefined : down ? "descending" : "ascending"}
    >
      <button
        type="button"
        className={classes.sort}
        onClick={() =>
          void navigate({
            search: (before) => ({ ...before, sort: nextSort(search.sort, own) }),
            replace: true,
            resetScroll: false,
          })
        }
      >
        {label}
        <span aria-hidden>{own !== column ? "" : down ? " ↓" : " ↑"}</span>
      </button>
      {sub && <span className={classes.sub}>{sub}</span>}
    </th>
  );
  return (
    <Section
      title="Contributors"
      lead="Agreement with others on the same results, and the chance of voting for the truth by a Dawid–Skene model. Intervals are wide where few results overlap: a low number alone is no reason to act."
    >
      <Group gap="lg" align="flex-end">
        <TextInput
          label="Name"
          placeholder="Everybody"
          size="xs"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox
          label={`Only those with a flag (${many})`}
          checked={flagged}
          pb={5}
          onChange={(event) => {
            const only = event.currentTarget.checked;
            void navigate({
              search: ({ flagged: _, ...rest }) => (only ? { ...rest, flagged: true as const } : rest),
              replace: true,
              resetScroll: false,
            });
          }}
        />
        <Text size="sm" c="dimmed" role="status" pb={5}>
          {shown.length === people.length
            ? counted(people.length, "person", "people")
            : `${words.count(shown.length)} of ${words.count(people.length)}`}
        </Text>
      </Group>
      {shown.length === 0 ? (
        <Text c="dimmed">Nobody fits.</Text>
      ) : (
        <TableBox label="Contributors" tall people>
          <thead>
            <tr>
              {head("name", "Name")}
              {head("votes", "Votes", "of all")}
              {head("overlap", "Overlap")}
              {head("agreement", "Agreement", "95 % interval")}
              <th scope="col" className={classes.thin}>
                <ScaleHead label="Agreement, drawn" scale={scale} format={(value) => `${Math.round(value * 100)}`} />
              </th>
              {head("reliability", "Reliability", "95 % interval")}
              {head("gold", "Gold", "right, of tasks")}
              {head("side", "Side A", "95 % interval")}
              <th scope="col" className={classes.thin}>
                <ScaleHead label="Side A, drawn" scale={side} format={(value) => `${Math.round(value * 100)}`} />
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((person) => (
              <Row key={person.person_id} person={person} scale={scale} side={side} />
            ))}
          </tbody>
        </TableBox>
      )}
    </Section>
  );
}

type Scale = ReturnType<typeof scaleFor>;

/** Whose shares set the scale: people with few votes would stretch it, unless nobody has more. */
function telling(people: ContributorReliability[]): ContributorReliability[] {
  const many = people.filter((one) => one.votes > 9);
  return many.length > 0 ? many : people;
}

function Row({ person, scale, side }: { person: ContributorReliability; scale: Scale; side: Scale }) {
  const share = (value: ContributorReliability["agreement"]) => (
    <td>
      {words.percent(value.estimate)}
      <span className={classes.sub}>{words.range(value, words.percent)}</span>
    </td>
  );
  return (
    <tr>
      <th scope="row" className={classes.name}>
        <VisibleText text={person.name} />
        {person.flags.map((flag) => (
          <div key={flag} className={classes.flag}>
            <span className={classes.flagged}>
              <span aria-hidden>⚑ </span>
              {flag}
            </span>
            <span className={classes.sub}>{words.flagAdvice(flag)}</span>
          </div>
        ))}
      </th>
      <td>
        {words.count(person.votes)}
        <span className={classes.sub}>{words.percent(person.share_of_votes, 1)}</span>
      </td>
      <td>{words.count(person.overlapping)}</td>
      {share(person.agreement)}
      <td className={classes.thin}>
        <IntervalBar scale={scale} value={person.agreement} reference={0.5} />
      </td>
      {share(person.reliability)}
      <td>
        {words.percent(person.gold.estimate)}
        <span className={classes.sub}>{person.gold_tasks > 0 ? `of ${words.count(person.gold_tasks)}` : ""}</span>
      </td>
      {share(person.left_share)}
      <td className={classes.thin}>
        <IntervalBar scale={side} value={person.left_share} reference={0.5} tone="plain" />
      </td>
    </tr>
  );
}
