import { useMemo } from "react";
import type { ArmSize, Leaderboard } from "../../../api/evidence-types";
import { Chart } from "../../../components/charts/Chart";
import { Numbers } from "../../../components/charts/Numbers";
import { drawSizes, type SizePoint } from "../../../components/charts/sizes";
import classes from "../Evidence.module.css";
import { Section, TableBox } from "../parts";
import * as words from "../words";

type Measure = Exclude<keyof ArmSize, "arm" | "results">;

const MEASURES: { name: Measure; head: string; sub: string; say: (value: number | null) => string }[] = [
  { name: "changed_lines", head: "Changed lines", sub: "median", say: (value) => number(value) },
  { name: "files", head: "Files", sub: "median", say: (value) => number(value) },
  { name: "complexity", head: "Complexity", sub: "median change", say: (value) => words.signed(value, 1) },
  { name: "duplicated_lines", head: "Duplicated lines", sub: "mean", say: (value) => number(value, 1) },
  { name: "new_dependencies", head: "New dependencies", sub: "mean", say: (value) => number(value, 2) },
  { name: "steps", head: "Model calls", sub: "median", say: (value) => number(value) },
  {
    name: "usd",
    head: "Model cost",
    sub: "mean",
    say: (value) => (value == null ? words.UNKNOWN : `$${value.toFixed(2)}`),
  },
  { name: "passed", head: "Checks passed", sub: "share", say: (value) => words.percent(value) },
];

function number(value: number | null, digits = 0): string {
  return value == null
    ? words.UNKNOWN
    : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Size and simplicity of the results beside the preference: "simple and maintainable" must be measured. */
export function Sizes({ board }: { board: Leaderboard }) {
  const points = useMemo(() => sizePoints(board), [board]);
  const sizes = useMemo(() => {
    const order = new Map(board.standings.map((row, index) => [row.arm, index]));
    return [...board.sizes].sort((one, other) => (order.get(one.arm) ?? 1e9) - (order.get(other.arm) ?? 1e9));
  }, [board]);
  if (!sizes.some((one) => one.results > 0)) return null;
  return (
    <Section
      title="Size and simplicity beside preference"
      lead="As the checks measured the results: one may be preferred for doing more, or for doing less."
    >
      <div className={classes.sizes}>
        <TableBox label="Size and simplicity" tall={sizes.length > 16}>
          <thead>
            <tr>
              <th scope="col" className={classes.name}>
                Arm
              </th>
              <th scope="col">Results</th>
              {MEASURES.map(({ name, head, sub }) => (
                <th key={name} scope="col">
                  {head}
                  <span className={classes.sub}>{sub}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sizes.map((one) => (
              <tr key={one.arm}>
                <th scope="row" className={classes.name}>
                  {one.arm}
                </th>
                <td>{words.count(one.results)}</td>
                {MEASURES.map(({ name, say }) => (
                  <td key={name}>{say(one[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </TableBox>
        {points.length > 1 && (
          <Chart title="Score against size" summary={sizeSummary(points)} data={points} draw={drawSizes} height={280}>
            <Numbers
              label="Score and size"
              heads={["Arm", "Changed lines", "Score", "95 % interval"]}
              rows={points.map((point) => [
                point.arm,
                words.count(point.lines),
                words.signed(point.score),
                words.range({ estimate: point.score, low: point.low, high: point.high }, words.signed),
              ])}
            />
          </Chart>
        )}
      </div>
    </Section>
  );
}

function sizePoints(board: Leaderboard): SizePoint[] {
  return board.standings.flatMap((row) => {
    const lines = board.sizes.find((one) => one.arm === row.arm)?.changed_lines;
    const { estimate, low, high } = row.score;
    return lines == null || estimate == null ? [] : [{ arm: row.arm, lines, score: estimate, low, high }];
  });
}

function sizeSummary(points: SizePoint[]): string {
  const [least, most] = [Math.min(...points.map((one) => one.lines)), Math.max(...points.map((one) => one.lines))];
  const best = points.reduce((one, other) => (other.score > one.score ? other : one));
  return `Medians from ${words.count(least)} to ${words.count(most)} changed lines; ${best.arm}, with the highest score, changes ${words.count(best.lines)}.`;
}
