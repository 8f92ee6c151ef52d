import { Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Agreement, Interval } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { scaleFor } from "../../../components/charts/scale";
import { Empty } from "../../../components/feedback/Empty";
import classes from "../Evidence.module.css";
import { Notes, Section, TableBox } from "../parts";
import * as words from "../words";
import { Contributors } from "./Contributors";
import { Weeks } from "./Weeks";

/** How far people agree, with each other and with themselves: no answer is better than its judges. */
export function AgreementTab(props: { campaign: Campaign; agreement: Agreement }) {
  const { campaign, agreement } = props;
  if (agreement.contributors.length === 0) {
    return (
      <Empty title="No vote was accepted yet">
        Agreement appears as soon as two people’s votes on the same results are accepted.
      </Empty>
    );
  }
  return (
    <Stack gap="md">
      <section className={`surface ${classes.section}`} aria-label="The ceiling">
        <p className={classes.loud} style={{ margin: 0 }}>
          {ceilingWords(agreement.ceiling)}
        </p>
        <p className={classes.quiet} style={{ margin: 0 }}>
          {agreement.ceiling.estimate == null
            ? "It needs results that two people judge: overlap, in the campaign’s assignment policy."
            : `The interval is ${words.range(agreement.ceiling, words.percent)}. It is the ceiling: no judge, and no model of the judges, can be expected to agree with people much more than they agree with each other.`}
        </p>
        <Notes of={agreement.provenance} label="agreement" />
      </section>
      <div className={classes.axes}>
        <Section
          title="Agreement by axis"
          lead="Alpha is Krippendorff’s with ordinal distances: 1 is always the same answer, 0 is chance."
        >
          <ByAxis agreement={agreement} campaign={campaign} />
        </Section>
        <Stack gap="md">
          <Section title="Do sides sway people?" lead="Sides are drawn by lot, so one half is expected in both rows.">
            <Sides agreement={agreement} />
          </Section>
          <Section
            title="Do people agree with themselves?"
            lead="Now and then somebody judges results a second time, later and with the sides swapped."
          >
            <Themselves agreement={agreement} />
          </Section>
        </Stack>
      </div>
      <Weeks weeks={agreement.weeks} drifts={agreement.drifts} />
      <Contributors people={agreement.contributors} />
    </Stack>
  );
}

function ceilingWords({ estimate }: Interval): string {
  if (estimate == null) return "How far contributors agree is not known yet.";
  return `Two contributors who judge the same results prefer the same side in ${Math.round(estimate * 100)} of 100 cases.`;
}

const alphaWords = (value: number | null) => words.plain(value);

function ByAxis({ agreement, campaign }: { agreement: Agreement; campaign: Campaign }) {
  const { axes, ceiling } = agreement;
  const alpha = useMemo(
    () =>
      scaleFor(
        axes.map((one) => one.alpha),
        [0, 0.6],
        [-1, 1],
      ),
    [axes],
  );
  const share = useMemo(
    () => scaleFor([...axes.map((one) => one.agreement), ceiling], [0.5, 0.75], [0, 1]),
    [axes, ceiling],
  );
  if (axes.every((one) => one.items === 0)) {
    return (
      <Empty title="No results have two accepted judgements yet">
        They are asked for by the campaign’s assignment policy (overlap), and count once both are accepted in review.
      </Empty>
    );
  }
  return (
    <TableBox label="Agreement by axis">
      <thead>
        <tr>
          <th scope="col" className={classes.name}>
            Axis
          </th>
          <th scope="col">
            Alpha<span className={classes.sub}>95 % interval</span>
          </th>
          <th scope="col" className={classes.thin}>
            <ScaleHead label="Alpha, drawn" scale={alpha} format={(value) => words.plain(value, 1)} />
          </th>
          <th scope="col">
            Same side<span className={classes.sub}>95 % interval</span>
          </th>
          <th scope="col" className={classes.thin}>
            <ScaleHead label="Same side, drawn" scale={share} format={(value) => `${Math.round(value * 100)}`} />
          </th>
          <th scope="col">
            Results<span className={classes.sub}>judged twice</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {axes.map((one) => (
          <tr key={one.axis}>
            <th scope="row" className={classes.name}>
              {words.axisLabel(one.axis, campaign.rubric)}
            </th>
            <td>
              {alphaWords(one.alpha.estimate)}
              <span className={classes.sub}>{words.range(one.alpha, alphaWords)}</span>
            </td>
            <td className={classes.thin}>
              <IntervalBar scale={alpha} value={one.alpha} reference={0} />
            </td>
            <td>
              {words.percent(one.agreement.estimate)}
              <span className={classes.sub}>{words.range(one.agreement, words.percent)}</span>
            </td>
            <td className={classes.thin}>
              <IntervalBar scale={share} value={one.agreement} reference={0.5} beside={ceiling.estimate} />
            </td>
            <td>{words.count(one.items)}</td>
          </tr>
        ))}
      </tbody>
      <caption className={classes.caption}>
        <span aria-hidden>◇</span> the ceiling: agreement on the overall preference
      </caption>
    </TableBox>
  );
}

function Sides({ agreement: { side, same_arm, same_arm_equal } }: { agreement: Agreement }) {
  const scale = useMemo(() => scaleFor([side, same_arm], [0.5, 0.35, 0.65], [0, 1]), [side, same_arm]);
  if (side.estimate == null && same_arm.estimate == null) {
    return (
      <Empty title="No side was preferred yet">
        All accepted votes so far call both sides equal, or both bad: nothing tells whether a side sways people.
      </Empty>
    );
  }
  const rows = [
    { name: "All preferences", sub: "share for side A", value: side, none: "no preference yet" },
    { name: "An arm against itself", sub: "share for side A", value: same_arm, none: "no such comparison" },
  ];
  return (
    <>
      <TableBox label="Share for side A">
        <thead>
          <tr>
            <th scope="col" className={classes.name}>
              Votes
            </th>
            <th scope="col">
              Side A<span className={classes.sub}>95 % interval</span>
            </th>
            <th scope="col" className={classes.bar}>
              <ScaleHead label="Share, drawn" scale={scale} format={words.percent} />
            </th>
            <th scope="col">In words</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, sub, value, none }) => (
            <tr key={name}>
              <th scope="row" className={classes.name}>
                {name}
                <span className={classes.sub}>{sub}</span>
              </th>
              <td>
                {words.percent(value.estimate, 1)}
                <span className={classes.sub}>{words.range(value, words.percent)}</span>
              </td>
              <td className={classes.bar}>
                <IntervalBar scale={scale} value={value} reference={0.5} tone="plain" />
              </td>
              <td>{value.estimate == null ? none : sideWords(value)}</td>
            </tr>
          ))}
        </tbody>
      </TableBox>
      <Text size="sm" c="dimmed">
        {same_arm_equal == null
          ? "No arm was compared with itself, so it isn’t known how often people see a difference where there is none. The assignment policy can ask for such comparisons."
          : `When an arm was compared with itself, ${words.percent(same_arm_equal)} of the votes said equal; the others saw a difference that comes from chance alone.`}
      </Text>
    </>
  );
}

function Themselves({ agreement: { themselves, ceiling } }: { agreement: Agreement }) {
  const { same, judged_twice, people, mean_move } = themselves;
  const scale = useMemo(() => scaleFor([same, ceiling], [0.5, 1], [0, 1]), [same, ceiling]);
  if (judged_twice === 0)
    return (
      <Text size="sm" c="dimmed">
        Nobody has judged again what they had judged before, so it isn’t known how far people say the same another day.
        The assignment policy can ask for it.
      </Text>
    );
  return (
    <>
      <TableBox label="Agreement with oneself">
        <thead>
          <tr>
            <th scope="col" className={classes.name}>
              Judgements
            </th>
            <th scope="col">
              Same<span className={classes.sub}>95 % interval</span>
            </th>
            <th scope="col" className={classes.bar}>
              <ScaleHead label="Same, drawn" scale={scale} format={words.percent} />
            </th>
            <th scope="col">
              Results<span className={classes.sub}>judged twice</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" className={classes.name}>
              Overall preference
              <span className={classes.sub}>by the same person</span>
            </th>
            <td>
              {words.percent(same.estimate)}
              <span className={classes.sub}>{words.range(same, words.percent)}</span>
            </td>
            <td className={classes.bar}>
              <IntervalBar scale={scale} value={same} reference={0.5} beside={ceiling.estimate} tone="plain" />
            </td>
            <td>{words.count(judged_twice)}</td>
          </tr>
        </tbody>
        {ceiling.estimate != null && (
          <caption className={classes.caption}>
            <span aria-hidden>◇</span> two different people on the same results
          </caption>
        )}
      </TableBox>
      <Text size="sm" c="dimmed">
        Of {people === 1 ? "one person" : `${words.count(people)} people`}; the grade moved by{" "}
        {words.plain(mean_move, 1)} of 6 steps on average. These second judgements count nowhere else.
      </Text>
    </>
  );
}

function sideWords({ low, high }: Interval): string {
  if (low == null || high == null) return "can’t be said";
  if (low > 0.5) return "leans to A";
  if (high < 0.5) return "leans to B";
  return "no clear lean";
}
