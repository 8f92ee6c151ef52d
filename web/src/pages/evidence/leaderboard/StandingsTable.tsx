import { Text, Tooltip } from "@mantine/core";
import { useMemo } from "react";
import type { Leaderboard } from "../../../api/evidence-types";
import { IntervalBar, ScaleHead } from "../../../components/charts/IntervalBar";
import { scaleFor } from "../../../components/charts/scale";
import classes from "../Evidence.module.css";
import { TableBox } from "../parts";
import * as words from "../words";
import { standingsSummary } from "./summary";

const elo = (value: number | null) => words.signed(value);

/** Chart and table in one: each arm's line has its interval drawn beside its numbers. */
export function StandingsTable({ board, held }: { board: Leaderboard; held: boolean }) {
  const rows = held ? board.controlled : board.standings;
  const others = held ? board.standings : board.controlled;
  const beside = useMemo(() => new Map(others.map((one) => [one.arm, one.score.estimate])), [others]);
  const scale = useMemo(
    () =>
      scaleFor(
        [...rows, ...others].map((one) => one.score),
        [0],
      ),
    [rows, others],
  );
  return (
    <>
      <Text size="sm">{standingsSummary(rows)}</Text>
      <TableBox label="Standings" tall={rows.length > 16}>
        <thead>
          <tr>
            <th scope="col">
              <Tooltip label="The ranks that the intervals of differences leave open">
                <span>Ranks</span>
              </Tooltip>
            </th>
            <th scope="col" className={classes.name}>
              Arm
            </th>
            <th scope="col">
              Score<span className={classes.sub}>95 % interval</span>
            </th>
            <th scope="col" className={classes.bar}>
              <ScaleHead label="Interval, drawn" scale={scale} format={elo} />
            </th>
            <th scope="col">
              Since
              <br />
              last week
            </th>
            <th scope="col">Votes</th>
            <th scope="col">Won</th>
            <th scope="col">Lost</th>
            <th scope="col">Equal</th>
            <th scope="col">Both bad</th>
            <th scope="col">
              <Tooltip label="Of its votes as they were given: an equal verdict counts half, both bad not at all. Whom it met is not taken into account; the score does that.">
                <span>
                  Share of
                  <br />
                  votes
                </span>
              </Tooltip>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.arm}>
              <td>{words.ranks(row)}</td>
              <th scope="row" className={classes.name}>
                {row.arm}
                <span className={classes.sub}>{row.agent}</span>
              </th>
              <td>
                <b>{elo(row.score.estimate)}</b>
                <span className={classes.sub}>{words.range(row.score, elo) || "can’t be said"}</span>
              </td>
              <td className={classes.bar}>
                <IntervalBar scale={scale} value={row.score} reference={0} beside={beside.get(row.arm)} />
              </td>
              <td>
                <WeekChange value={row.week_change} />
              </td>
              <td>{words.count(row.votes)}</td>
              <td>{words.count(row.wins)}</td>
              <td>{words.count(row.losses)}</td>
              <td>{words.count(row.ties)}</td>
              <td>{words.count(row.both_bad)}</td>
              <td>{words.percent(words.plainShare(row))}</td>
            </tr>
          ))}
        </tbody>
      </TableBox>
      <Text size="sm" c="dimmed">
        In Elo points; 0 is the average of the arms shown, 100 points are about 64 of 100 preferences.{" "}
        <span aria-hidden>●</span> {held ? "with size, category, turn and side held equal" : "as voted"}
        {others.length > 0 && (
          <>
            , <span aria-hidden>◇</span> {held ? "as voted" : "with size, category, turn and side held equal"}
          </>
        )}
        . {board.controlled.length === 0 && "Too few votes to hold size, category, turn and side equal."}
      </Text>
    </>
  );
}

export function WeekChange({ value }: { value: number | null }) {
  if (value == null)
    return (
      <Text span size="sm" c="dimmed" title="It had no score a week ago">
        {words.UNKNOWN}
      </Text>
    );
  const rounded = Math.round(value);
  return (
    <span>
      <span aria-hidden>{rounded > 0 ? "▲ " : rounded < 0 ? "▼ " : ""}</span>
      {words.signed(rounded)}
    </span>
  );
}
