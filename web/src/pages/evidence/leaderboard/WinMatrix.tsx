import { useMemo } from "react";
import type { Interval, Leaderboard } from "../../../api/evidence-types";
import { TableBox } from "../parts";
import * as words from "../words";
import { type Meeting, meetings } from "./meetings";
import classes from "./WinMatrix.module.css";

/** Every arm against every other: the estimated share as text and as depth of colour, and the votes it is from. */
export function WinMatrix({ board }: { board: Leaderboard }) {
  const arms = board.standings.map((row) => row.arm);
  const found = useMemo(() => meetings(board.pairings), [board.pairings]);
  const dense = arms.length > 10;
  return (
    <TableBox label="Pair by pair" tall>
      <thead>
        <tr>
          <th scope="col" className={classes.corner}>
            against →
          </th>
          {arms.map((arm) => (
            <th key={arm} scope="col" className={classes.head} data-dense={dense || undefined}>
              <span>{arm}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {arms.map((row) => (
          <tr key={row}>
            <th scope="row" className={classes.row}>
              {row}
            </th>
            {arms.map((column) => (
              <Cell key={column} row={row} column={column} meeting={found.get(`${row}\n${column}`)} dense={dense} />
            ))}
          </tr>
        ))}
      </tbody>
    </TableBox>
  );
}

function Cell(props: { row: string; column: string; meeting: Meeting | undefined; dense: boolean }) {
  const { row, column, meeting, dense } = props;
  if (row === column)
    return (
      <td className={classes.self} aria-label="itself">
        ·
      </td>
    );
  if (!meeting || meeting.votes === 0)
    return (
      <td className={classes.none}>
        <span title={`${row} and ${column} were never compared`}>never met</span>
      </td>
    );
  const { share } = meeting;
  const plain = words.plainShare(meeting);
  const votes = `${meeting.wins} : ${meeting.losses}, ${meeting.ties} equal`;
  return (
    <td
      className={classes.cell}
      data-side={undefined}
      data-lean={lean(share)}
      style={{ "--depth": `${Math.round(words.heat(share.estimate) * 46)}%` } as React.CSSProperties}
      title={`${row} against ${column}: estimated ${words.withRange(share, words.percent)}; of the votes ${words.percent(plain)}: ${meeting.wins} to ${meeting.losses}, ${meeting.ties} equal, ${meeting.bad} both bad`}
    >
      <b>{words.percent(share.estimate)}</b>
      {!dense && (
        <span className={classes.small}>
          {words.range(share, words.percent)}
          <br />
          {votes}
          <br />
          {words.percent(plain)} of the votes
        </span>
      )}
    </td>
  );
}

function lean(share: Interval): "more" | "less" | "even" {
  if (share.estimate == null) return "even";
  return share.estimate > 0.5 ? "more" : share.estimate < 0.5 ? "less" : "even";
}
