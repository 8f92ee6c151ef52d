import { useMemo } from "react";
import type { Leaderboard } from "../../../api/evidence-types";
import type { Rubric } from "../../../api/types";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { scaleFor } from "../../../components/charts/scale";
import classes from "../Evidence.module.css";
import { TableBox } from "../parts";
import * as words from "../words";

const elo = (value: number | null) => words.signed(value);

/** Each arm's scores on each axis, drawn on one scale for all: rows are arms, columns are axes. */
export function Profile({ board, rubric }: { board: Leaderboard; rubric: Rubric }) {
  const scale = useMemo(() => {
    const wide = scaleFor(
      board.profile.flatMap((one) => one.standings.map((row) => row.score)),
      [0],
    );
    return { ...wide, ticks: wide.ticks.filter((_, index, all) => all.length < 5 || index % 2 === all.indexOf(0) % 2) };
  }, [board.profile]);
  const scores = useMemo(
    () => new Map(board.profile.map((one) => [one.axis, new Map(one.standings.map((row) => [row.arm, row.score]))])),
    [board.profile],
  );
  const unknown = { estimate: null, low: null, high: null };
  return (
    <TableBox label="Scores by axis" tall={board.standings.length > 14}>
      <thead>
        <tr>
          <th scope="col" className={classes.name}>
            Arm
          </th>
          {board.profile.map(({ axis }) => (
            <th key={axis} scope="col" style={{ textAlign: "left", minWidth: 150 }}>
              {words.axisLabel(axis, rubric)}
              <ScaleHead scale={scale} format={elo} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {board.standings.map(({ arm }) => (
          <tr key={arm}>
            <th scope="row" className={classes.name}>
              {arm}
            </th>
            {board.profile.map(({ axis }) => {
              const score = scores.get(axis)?.get(arm) ?? unknown;
              return (
                <td key={axis} style={{ textAlign: "left", minWidth: 150 }}>
                  {elo(score.estimate)}
                  <span className={classes.inline}>{words.range(score, elo)}</span>
                  <IntervalBar scale={scale} value={score} reference={0} />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </TableBox>
  );
}
