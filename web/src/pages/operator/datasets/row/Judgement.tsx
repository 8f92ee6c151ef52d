import { Alert, Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import type { Row, RowRating } from "../../../../api/dataset-rows";
import { bytesInWords } from "../../../../components/repository/content";
import { Hash } from "../../../../components/text/Hash";
import { Markdown } from "../../../../components/text/Markdown";
import { VisibleText } from "../../../../components/text/VisibleText";
import { spelledOut } from "../../../../components/text/visible";
import { type Citation, citationWords } from "../../../comparison/evidence/citation";
import { pieces } from "../../../comparison/evidence/marked";
import { ScoreDots } from "../../../comparison/ScoreDots";
import { SideTag } from "../../../comparison/SideTag";
import { valueName } from "../rows/facet-words";
import classes from "./Judgement.module.css";
import {
  agreementOf,
  axisWords,
  beginningOf,
  imagesOf,
  leftOutOf,
  named,
  onRowSides,
  ratingWords,
  verdictOf,
} from "./row-words";

export interface JudgementProps {
  dataset: string;
  row: Row;
  onCite: (citation: Citation) => void;
}

/** What was asked, what people judged and why, and where it all comes from. */
export function Judgement({ row, onCite }: JudgementProps) {
  const preferred = row.agg.label === "A" || row.agg.label === "B" ? row.agg.label : null;
  const leftOut = leftOutOf(row);
  const key = row.ratings.length === 1 ? row.ratings[0]?.key_axis : null;
  return (
    <Stack gap="lg">
      <div className={classes.verdict} data-side={preferred ?? undefined}>
        {preferred && <SideTag side={preferred} large />}
        <div>
          <Text fw={650}>{verdictOf(row.agg)}</Text>
          <Text size="xs" c="dimmed">
            {row.agg.strength > 0 && `Strength ${row.agg.strength} of 3 · `}
            {agreementOf(row.agg)}
          </Text>
        </div>
      </div>
      {leftOut && (
        <Alert color="gray" p="xs">
          <VisibleText text={leftOut} />
        </Alert>
      )}
      <Part title="Request">
        <Request text={row.request} />
      </Part>
      <Part title="Axes">
        <Axes axes={row.agg.axes} decided={key ?? null} />
      </Part>
      <Part title={row.ratings.length === 1 ? "Why" : "Who judged, and why"}>
        <Stack gap="sm">
          {row.ratings.map((rating) => (
            <Rating key={rating.rater} rating={rating} alone={row.ratings.length === 1} onCite={onCite} />
          ))}
        </Stack>
      </Part>
      <Part title="Where it comes from">
        <Origin row={row} />
      </Part>
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Title order={2} fz="sm" mb={6} id={id}>
        {title}
      </Title>
      {children}
    </section>
  );
}

/** Longer requests begin folded: what stands below them is looked for as often. */
const LONG = 420;

function Request({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  if (text.length <= LONG) return <Markdown breaks>{text}</Markdown>;
  return (
    <>
      <Markdown breaks>{all ? text : beginningOf(text, LONG)}</Markdown>
      <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? "Show less of the request" : "Show all of the request"}
      </button>
    </>
  );
}

function Axes({ axes, decided }: { axes: Row["agg"]["axes"]; decided: string | null }) {
  const scores = Object.entries(axes);
  if (scores.length === 0) return <Text size="sm">No axis was scored.</Text>;
  return (
    <dl className={classes.axes}>
      {scores.map(([name, score]) => (
        <div key={name}>
          <dt>
            <VisibleText text={named(name)} />
            {decided === name && <span className={classes.key}> decided it</span>}
          </dt>
          <dd>
            <ScoreDots score={Math.round(score)} />
            <span className={classes.words}>{axisWords(score)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Rating({ rating, alone, onCite }: { rating: RowRating; alone: boolean; onCite: JudgementProps["onCite"] }) {
  return (
    <article className={classes.rating} aria-label={`Rating by ${spelledOut(rating.rater)}`}>
      <Group gap={6} mb={4}>
        {!alone && (
          <Text size="sm" fw={600}>
            {ratingWords(rating)}
          </Text>
        )}
        <Text size="xs" c="dimmed" component="span">
          <bdi>
            <VisibleText text={rating.rater} />
          </bdi>
          {!alone && rating.key_axis && <VisibleText text={` · ${named(rating.key_axis)} decided it`} />}
          {rating.terms && (
            <>
              {" · "}
              <span className={classes.terms}>
                terms <VisibleText text={rating.terms} />
              </span>
            </>
          )}
        </Text>
        {rating.gold && (
          <Badge size="xs" variant="light" color="yellow" tt="none">
            Gold task
          </Badge>
        )}
      </Group>
      <Justification text={rating.justification} swapped={rating.sides_swapped} onCite={onCite} />
      {rating.sides_swapped && (
        <Text size="xs" c="dimmed" mt={4}>
          Saw the sides swapped: what the text calls A is B here.
        </Text>
      )}
    </article>
  );
}

interface JustificationProps {
  text: string;
  swapped: boolean;
  onCite: JudgementProps["onCite"];
}

function Justification({ text, swapped, onCite }: JustificationProps) {
  if (text.trim() === "") return <Text size="sm">No reason was given.</Text>;
  return (
    <p className={classes.text}>
      {pieces(text).map((piece) => {
        if (!piece.citation)
          return (
            <span key={piece.start}>
              <VisibleText text={piece.text} />
            </span>
          );
        const here = onRowSides(piece.citation, swapped);
        return (
          <button
            key={piece.start}
            type="button"
            className={classes.citation}
            data-side={here.side}
            title={spelledOut(piece.text)}
            onClick={() => onCite(here)}
          >
            {citationWords(here)}
          </button>
        );
      })}
    </p>
  );
}

function Origin({ row }: { row: Row }) {
  const facts: [string, ReactNode][] = [
    ["Repository", <VisibleText key="r" text={valueName("repository", row.source ?? row.repository)} />],
    ["Licences", row.licences.join(", ") || "none is known"],
    ["Base commit", <Hash key="b" value={row.base_commit} of="the base commit" />],
    ...(row.start_commit === row.base_commit
      ? []
      : ([["Start of the turn", <Hash key="s" value={row.start_commit} of="the start commit" />]] as [
          string,
          ReactNode,
        ][])),
    ["Result A", row.a.commit ? <Hash key="a" value={row.a.commit} of="the commit of A" /> : "none"],
    ["Result B", row.b.commit ? <Hash key="b" value={row.b.commit} of="the commit of B" /> : "none"],
    ["Sandbox image", imagesOf(row)],
    ...(row.set_up
      ? ([
          [
            "Set-up",
            <code key="u">
              <VisibleText text={row.set_up} />
            </code>,
          ],
        ] as [string, ReactNode][])
      : []),
    ["Rubric, guidelines", `version ${row.rubric_version}, version ${row.guidelines_version}`],
    ["Campaign", row.campaign],
    ["Model calls", row.a.source === row.b.source ? row.a.source : `A ${row.a.source}, B ${row.b.source}`],
    ["Size of the row", bytesInWords(row.bytes)],
    [
      "Row",
      <code key="i">
        <VisibleText text={row.id} />
      </code>,
    ],
    [
      "Task",
      <code key="t">
        <VisibleText text={row.task_id} />
      </code>,
    ],
    [
      "Comparison",
      row.here ? (
        <Anchor
          key="c"
          size="sm"
          renderRoot={(props) => (
            <Link {...props} to="/comparisons/$id" params={{ id: row.comparison_id }} search={{ turn: row.turn }} />
          )}
        >
          Open it, turn {row.turn}
        </Anchor>
      ) : (
        `turn ${row.turn}; it is not on this installation`
      ),
    ],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? <VisibleText text={value} /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
