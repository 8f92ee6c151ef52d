import { Loader, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { planQuery } from "../../../api/evidence";
import type { Plan, QuestionWish } from "../../../api/evidence-types";
import { Chart } from "../../../components/charts/Chart";
import { Numbers } from "../../../components/charts/Numbers";
import { drawCost, drawPower } from "../../../components/charts/power";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import classes from "../Evidence.module.css";
import { Figure, Notes, Section } from "../parts";
import * as words from "../words";
import form from "./QuestionForm.module.css";

/** What the question would find and cost, computed again at every change. `current` is newer than `wish` while someone types. */
export function PlanView({
  id,
  wish,
  current,
}: {
  id: string;
  wish: QuestionWish | null;
  current: QuestionWish | null;
}) {
  const plan = useQuery(planQuery(id, wish));
  const waited = useSeconds(plan.isFetching);
  const old = plan.isPlaceholderData || plan.isFetching || JSON.stringify(wish) !== JSON.stringify(current);
  return (
    <Section title="What it would find and cost" lead="Computed anew at every change; nothing is kept.">
      <div className={form.head} role="status">
        {plan.isFetching && waited >= 2 && (
          <>
            <Loader size="xs" aria-hidden />
            <Text size="sm" c="dimmed">
              Computing… {waited} s
            </Text>
          </>
        )}
        {current === null && (
          <Text size="sm" c="dimmed">
            Mend the fields that are marked; then it is computed.
          </Text>
        )}
      </div>
      {plan.error && !plan.isFetching && (
        <ErrorNotice error={plan.error} title="The plan was not computed" onRetry={() => void plan.refetch()} />
      )}
      {plan.data && wish ? (
        <div className={old ? classes.stale : undefined} style={{ display: "grid", gap: 16 }} aria-busy={old}>
          <Shown plan={plan.data} wish={wish} />
        </div>
      ) : (
        !plan.error && <div className={classes.bone} style={{ height: 640 }} aria-hidden="true" />
      )}
    </Section>
  );
}

function Shown({ plan, wish }: { plan: Plan; wish: QuestionWish }) {
  const { smallest_share: smallest, power } = wish;
  const { most_comparisons: most, fixed_comparisons: fixed } = plan;
  const powerData = useMemo(() => ({ curve: plan.curve, smallest, power }), [plan.curve, smallest, power]);
  const costData = useMemo(() => ({ curve: plan.curve, fixed, most }), [plan.curve, fixed, most]);
  const at = words.planAt(plan, smallest);
  const none = plan.curve[0];
  return (
    <>
      <Text fw={600} fz="lg" lh={1.4} style={{ textWrap: "pretty" }}>
        {words.planSummary(plan, smallest)}
      </Text>
      <Notes of={plan.provenance} label="the plan" />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Figure label="On average, at the smallest effect" value={at ? words.usd(at.mean_usd) : words.UNKNOWN}>
          {at ? words.comparisons(at.mean_comparisons) : ""}
        </Figure>
        <Figure label="Without looks" value={plan.fixed_usd == null ? "Never enough" : words.usd(plan.fixed_usd)}>
          {fixed == null ? "no number of votes of so few contributors" : words.comparisons(fixed)}
        </Figure>
        <Figure label="At most" value={words.usd(plan.most_usd)}>
          {words.comparisons(most)}
        </Figure>
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {plan.looks.length === 1 ? "One look, after " : "Looks after "}
        {plan.looks.map((look) => words.count(look.comparisons)).join(", ")} accepted comparisons.
      </Text>
      <div className={classes.two}>
        <Chart
          title="Chance of finding the better arm"
          summary={
            at
              ? `${words.percent(at.power)} at a true share of ${words.exactly(at.share)}${none && none.share <= 0.5 ? `; without any difference ${wish.arms[1]} would be preferred in ${words.percent(none.power, 1)}` : ""}.`
              : ""
          }
          data={powerData}
          draw={drawPower}
          height={270}
        >
          <Numbers
            label="Power"
            heads={["True share", "Chance of finding it", "Chance of stopping as futile"]}
            rows={plan.curve.map((point) =>
              [point.share, point.power, point.futile].map((part) => words.percent(part, 1)),
            )}
          />
        </Chart>
        <Chart
          title="Comparisons, on average"
          summary={`Full line: with looks.${fixed == null ? "" : ` Dashed: without looks, always ${words.count(fixed)}.`}`}
          data={costData}
          draw={drawCost}
          height={270}
        >
          <Numbers
            label="Cost"
            heads={["True share", "Comparisons", "Dollars", "Without looks"]}
            rows={plan.curve.map((point) => [
              words.exactly(point.share),
              words.count(point.mean_comparisons),
              words.usd(point.mean_usd),
              plan.fixed_usd == null ? words.UNKNOWN : words.usd(plan.fixed_usd),
            ])}
          />
        </Chart>
      </div>
    </>
  );
}

/** Whole seconds since it began to run; 0 while it does not. */
function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!running) return;
    const timer = setInterval(() => setSeconds((now) => now + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return seconds;
}
