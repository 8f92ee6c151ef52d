import { Badge, Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Decision, Interval } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { drawBoundaries } from "../../../components/charts/boundaries";
import { Chart } from "../../../components/charts/Chart";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { Numbers } from "../../../components/charts/Numbers";
import { drawPath } from "../../../components/charts/path";
import { scaleFor } from "../../../components/charts/scale";
import classes from "../Evidence.module.css";
import { Figure, Notes, Section } from "../parts";
import * as words from "../words";
import { LookProgress } from "./LookProgress";
import { QuestionCard } from "./QuestionCard";
import { QuestionForm } from "./QuestionForm";
import { useBoundaries, usePath } from "./use-charts";

/** The question that was registered and where it stands, or the way to register one. */
export function DecisionTab({ id, campaign, decision }: { id: string; campaign: Campaign; decision: Decision | null }) {
  const { amend } = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/evidence" });
  const leave = () => void navigate({ search: ({ amend: _, ...rest }) => rest });
  if (decision === null) return <QuestionForm id={id} campaign={campaign} before={null} onDone={leave} />;
  if (amend) return <QuestionForm id={id} campaign={campaign} before={decision.question} onDone={leave} />;
  return (
    <Stack gap="md">
      <State decision={decision} axis={words.axisLabel(decision.question.axis, campaign.rubric)} />
      <Money decision={decision} price={campaign.price_cents / 100} />
      <Charts decision={decision} />
      <QuestionCard id={id} campaign={campaign} question={decision.question}>
        <Button
          variant="default"
          size="xs"
          onClick={() => void navigate({ search: (before) => ({ ...before, amend: true }) })}
        >
          Amend the question…
        </Button>
      </QuestionCard>
    </Stack>
  );
}

function State({ decision, axis }: { decision: Decision; axis: string }) {
  const state = words.STATES[decision.state];
  const [loud, quiet] = words.loudAndQuiet(decision.words);
  const { question, watched } = decision;
  const { say, what, middle, neither, ends } = words.sayingOf(question);
  const [share, seen] = [decision.share, watched.share].map((one) => words.inUnit(one, question)) as [
    Interval,
    Interval,
  ];
  const reached = [share.low, share.high, seen.low, seen.high].map((end) =>
    end == null ? 0 : Math.abs(end - neither),
  );
  const reach = Math.max((ends[1] - ends[0]) / 10, ...reached);
  const scale = scaleFor([], [neither - reach, neither + reach], ends);
  return (
    <section className={`surface ${classes.section}`} aria-label="Where the question stands">
      <Group gap="xs">
        <Badge
          size="lg"
          radius="sm"
          tt="none"
          color={state.color}
          variant={decision.state === "collecting" ? "light" : "filled"}
        >
          <span aria-hidden>{state.mark} </span>
          {state.label}
        </Badge>
        <Text size="sm" c="dimmed">
          {question.arms[1]} against {question.arms[0]} · {axis}
        </Text>
      </Group>
      <p className={classes.loud} style={{ margin: 0 }}>
        {loud}
      </p>
      {quiet && (
        <p className={classes.quiet} style={{ margin: 0 }}>
          {quiet}
        </p>
      )}
      <div className={classes.pair}>
        <div>
          <Text size="sm">
            <b>By the registered rule:</b> {what(question.arms[1] ?? "")} {words.withRange(share, say, decision.level)}
          </Text>
          <IntervalBar scale={scale} value={share} reference={neither} />
          <ScaleHead scale={scale} format={say} />
          <Text size="sm" c="dimmed" mt={4}>
            {words.lookWords(decision)} This interval leaves out {middle} exactly when the rule has decided.
          </Text>
        </div>
        <div>
          <Text size="sm">
            <b>Anyone may watch this:</b>{" "}
            {seen.estimate == null
              ? "nothing before the first look"
              : `${what(question.arms[1] ?? "")} ${words.withRange(seen, say, watched.level)}`}
          </Text>
          <IntervalBar scale={scale} value={seen} reference={neither} tone="plain" />
          <ScaleHead scale={scale} format={say} />
          <Text size="sm" c="dimmed" mt={4}>
            {words.watchedWords(decision)} It stays right however often it is looked at; the price is that it is usually
            wider.
          </Text>
        </div>
      </div>
      {decision.control && (
        <Text size="sm" mt={4}>
          {decision.control.words}
        </Text>
      )}
      <Notes of={decision.provenance} label="the decision" />
    </section>
  );
}

function Money({ decision, price }: { decision: Decision; price: number }) {
  const { question, spent_usd: spent, more_comparisons: more, more_usd: moreUsd } = decision;
  const fixed = decision.fixed_comparisons;
  return (
    <Section title="Progress and cost">
      <LookProgress decision={decision} />
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="lg" mt={4}>
        <Figure label="Spent so far" value={words.usd(spent)}>
          {words.comparisons(decision.comparisons)} accepted
        </Figure>
        <Figure
          label="Expected to a decision"
          value={more == null ? "Nothing more" : `${words.usd(moreUsd ?? more * price)} more`}
        >
          {more == null ? "the question is closed" : `about ${words.comparisons(more)}`}
        </Figure>
        <Figure label="At most" value={words.usd(question.most_comparisons * price)}>
          the cap of {words.comparisons(question.most_comparisons)}
        </Figure>
        <Figure label="A design without looks" value={fixed == null ? "Never enough" : words.usd(fixed * price)}>
          {fixed == null
            ? "no number of votes of so few contributors"
            : `${words.comparisons(fixed)} for the same error and power`}
        </Figure>
      </SimpleGrid>
    </Section>
  );
}

function Charts({ decision }: { decision: Decision }) {
  const { question, looks, path } = decision;
  const { exact, what } = words.sayingOf(question);
  const pathData = usePath(decision);
  const boundaries = useBoundaries(decision);
  return (
    <div className={classes.two}>
      <div className={`surface ${classes.section}`}>
        <Chart
          title={question.counts === "side" ? "The share anyone may watch" : "The lead anyone may watch"}
          summary={words.pathSummary(decision)}
          data={pathData}
          draw={drawPath}
          height={340}
          note={
            <Text size="sm" c="dimmed">
              Its interval holds however often anybody looks, so it may be shown to anyone. Evidence is added at the
              looks. The registered rule on the right decides, and may do so earlier.
            </Text>
          }
        >
          <Numbers
            label={words.sentence(what(question.arms[1] ?? ""))}
            heads={["After comparisons", question.counts === "side" ? "Share" : "Lead", "Low", "High"]}
            rows={path
              .map((point) => words.inUnit(point, question))
              .map((point) => [words.count(point.comparisons), ...[point.share, point.low, point.high].map(exact)])}
          />
        </Chart>
      </div>
      <div className={`surface ${classes.section}`}>
        <Chart
          title="The rule: z at each look"
          summary={words.boundariesSummary(looks, question)}
          data={boundaries}
          draw={drawBoundaries}
          height={340}
          note={
            <Text size="sm" c="dimmed">
              The rule decides at a look, and only when z has left the lines there. In between it says nothing.
            </Text>
          }
        >
          <LookTable decision={decision} />
        </Chart>
      </div>
    </div>
  );
}

function LookTable({ decision: { looks, question } }: { decision: Decision }) {
  const { exact, what } = words.sayingOf(question);
  const crossed = {
    second: `${question.arms[1]} preferred`,
    first: `${question.arms[0]} preferred`,
    futility: "no difference",
  };
  return (
    <Numbers
      label="Looks and boundaries"
      heads={[
        "Look",
        "After comparisons",
        "z",
        "Boundary",
        "Futile at or below",
        words.sentence(what(question.arms[1] ?? "")),
        "Result",
      ]}
      rows={looks
        .map((look) => ({ ...look, share: look.share && words.inUnit(look.share, question) }))
        .map((look) => [
          String(look.number),
          words.count(look.comparisons),
          words.plain(look.z),
          `${question.sides === 2 ? "±" : ""}${words.plain(look.upper)}`,
          words.plain(look.futility),
          look.share ? `${exact(look.share.estimate)}, ${words.range(look.share, exact)}` : words.UNKNOWN,
          look.crossed ? crossed[look.crossed] : look.reached ? "go on" : "not yet",
        ])}
    />
  );
}
