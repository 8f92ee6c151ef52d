import type { Drift, Week } from "../../../api/evidence-types";
import { Chart } from "../../../components/charts/Chart";
import { Numbers } from "../../../components/charts/Numbers";
import { drawDrift, drawVotes } from "../../../components/charts/weeks";
import { Empty } from "../../../components/feedback/Empty";
import { counted } from "../../../components/text/counted";
import classes from "../Evidence.module.css";
import { Section } from "../parts";
import * as words from "../words";
import { changeWords } from "./drift";

/** Week by week: does what people say change, though the arms do not? */
export function Weeks({ weeks, drifts }: { weeks: Week[]; drifts: Drift[] }) {
  if (weeks.length < 2) return null;
  const heads = ["Week of", "Votes", "Agreement", "Share for side B", "Spent"];
  const rows = weeks.map((week) => [
    week.week,
    words.count(week.votes),
    words.percent(week.agreement),
    words.percent(week.second_share),
    words.usd(week.usd),
  ]);
  return (
    <Section
      title="Week by week"
      lead="Sides are drawn by lot, so a drift of either line is a habit of judging, not a change of the arms."
    >
      {drifts.map((drift) => (
        <p key={drift.what} className={classes.quiet} style={{ margin: 0 }}>
          {changeWords(drift)}
        </p>
      ))}
      <div className={classes.two}>
        {weeks.some((week) => week.agreement != null || week.second_share != null) ? (
          <Chart
            title="Agreement, and the share for side B"
            summary={driftWords(weeks)}
            data={weeks}
            draw={drawDrift}
            height={270}
          >
            <Numbers label="Weeks" heads={heads} rows={rows} />
          </Chart>
        ) : (
          <Empty title="No week has an agreement or a share for side B">
            Agreement needs results that two people judge; the share, a vote that prefers a side.
          </Empty>
        )}
        <Chart title="Votes a week" summary={voteWords(weeks)} data={weeks} draw={drawVotes} height={270}>
          <Numbers label="Votes a week" heads={heads} rows={rows} />
        </Chart>
      </div>
    </Section>
  );
}

function driftWords(weeks: Week[]): string {
  const known = weeks.filter((week) => week.agreement != null);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first === last) return "Agreement is known for one week at most.";
  const missing = weeks.length - known.length;
  return (
    `Agreement was ${words.percent(first.agreement)} in the week of ${first.week} and is ${words.percent(last.agreement)} in the last.` +
    (missing > 0 ? ` ${missing === 1 ? "One week has" : `${missing} weeks have`} no overlap.` : "")
  );
}

function voteWords(weeks: Week[]): string {
  const votes = weeks.reduce((sum, week) => sum + week.votes, 0);
  const usd = weeks.reduce((sum, week) => sum + week.usd, 0);
  return `${counted(votes, "vote")} in ${counted(weeks.length, "week")}, for ${words.usd(usd)}.`;
}
