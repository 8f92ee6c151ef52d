import { Text } from "@mantine/core";
import { useMemo } from "react";
import type { Leaderboard } from "../../../api/evidence-types";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { scaleFor } from "../../../components/charts/scale";
import classes from "../Evidence.module.css";
import { Section, TableBox } from "../parts";
import * as words from "../words";

const logOdds = (value: number | null) => words.plain(value);

/** What sways the votes beside the arm: side, size, length, turn. */
export function EffectsTable({ board: { effects } }: { board: Leaderboard }) {
  const scale = useMemo(
    () =>
      scaleFor(
        effects.map((one) => one.effect),
        [0],
      ),
    [effects],
  );
  if (effects.length === 0) return null;
  return (
    <Section
      title="What else sways the votes"
      lead="Effects on the preference with the others held equal, in log odds: 0 is none, 0.2 moves one half to about 55 of 100. Scores “with size held equal” are free of them."
    >
      <TableBox label="Effects">
        <thead>
          <tr>
            <th scope="col" className={classes.name}>
              Covariate
            </th>
            <th scope="col">Effect</th>
            <th scope="col">95 % interval</th>
            <th scope="col" className={classes.bar}>
              <ScaleHead label="Interval, drawn" scale={scale} format={logOdds} />
            </th>
            <th scope="col">In words</th>
          </tr>
        </thead>
        <tbody>
          {effects.map(({ name, unit, effect }) => (
            <tr key={name}>
              <th scope="row" className={classes.name}>
                {words.sentence(name)}
                {unit && <span className={classes.sub}>{unit}</span>}
              </th>
              <td>{logOdds(effect.estimate)}</td>
              <td>{words.range(effect, logOdds) || words.UNKNOWN}</td>
              <td className={classes.bar}>
                <IntervalBar scale={scale} value={effect} reference={0} tone="plain" />
              </td>
              <td>
                <Text size="sm" span>
                  {effectWords(effect.low, effect.high)}
                </Text>
              </td>
            </tr>
          ))}
        </tbody>
      </TableBox>
    </Section>
  );
}

function effectWords(low: number | null, high: number | null): string {
  if (low == null || high == null) return "can’t be said";
  if (low > 0) return "preferred more";
  if (high < 0) return "preferred less";
  return "no clear effect";
}
