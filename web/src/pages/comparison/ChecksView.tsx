import { Alert } from "@mantine/core";
import { useState } from "react";
import type { BaseCheck, Comparison, Side, Turn } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { duration } from "../../components/text/time";
import { VisibleText } from "../../components/text/VisibleText";
import { CheckCell } from "./CheckCell";
import { CheckLog } from "./CheckLog";
import classes from "./ChecksView.module.css";
import { CHECK_KIND, type CheckRow, checkRows, disagreement } from "./checks";
import { SideTag } from "./SideTag";
import { SizeTable } from "./SizeTable";

const BASE = {
  passed: "Passed",
  failed: "Failed",
  error: "Could not run",
  timed_out: "Ran out of time",
  none: "No test command",
} as const;

const SIDES: readonly Side[] = ["A", "B"];

/** Every check on both sides in one table, then how large both changes are. */
export function ChecksView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const rows = checkRows(turn);
  if (rows.length === 0 && turn.status === "checking") {
    return <Empty title="The checks are running">Their results appear here by themselves.</Empty>;
  }
  if (rows.length === 0) {
    return (
      <Empty title="No checks ran on this turn">
        The brief names no test command, and the campaign adds no checks of its own.
      </Empty>
    );
  }
  const size = rows.find((row) => row.kind === "size");
  return (
    <div className={classes.view}>
      {SIDES.map((side) => {
        const words = disagreement(turn.sides[side].checks ?? []);
        return (
          words && (
            <Alert key={side} color="orange" variant="light" mb="sm" p="xs" title={`The tests disagree about ${side}`}>
              {side} {words}. Look at what it changed in the tests before you trust either.
            </Alert>
          )
        );
      })}
      <table className={classes.table}>
        <thead>
          <tr className={classes.line}>
            <th scope="col" className={classes.head}>
              Check
            </th>
            {SIDES.map((side) => (
              <th key={side} scope="col" className={classes.head}>
                <SideTag side={side} />
              </th>
            ))}
          </tr>
        </thead>
        {rows
          .filter((row) => row.kind !== "size")
          .map((row) => (
            <Row key={`${row.kind}/${row.name}`} row={row} comparison={comparison} turn={turn} />
          ))}
      </table>
      {size && <SizeTable A={size.A} B={size.B} />}
    </div>
  );
}

/** Which logs are open, and at which line. */
type Logs = Partial<Record<Side, { line: number | null; asked: number } | undefined>>;

/** A check: what it is and how it went on the base, then either side. A log opens below, in the whole width. */
function Row({ row, comparison, turn }: { row: CheckRow; comparison: Comparison; turn: Turn }) {
  const [logs, setLogs] = useState<Logs>({});
  const open = SIDES.filter((side) => logs[side]);
  const toggle = (side: Side) => setLogs({ ...logs, [side]: logs[side] ? undefined : { line: null, asked: 0 } });
  const showLine = (side: Side, line: number) =>
    setLogs({ ...logs, [side]: { line, asked: (logs[side]?.asked ?? 0) + 1 } });
  const tests = row.kind === "test_command" || row.kind === "test_command_base_tests";
  return (
    <tbody className={classes.rows}>
      <tr className={classes.line}>
        <th scope="row" className={`${classes.cell} ${classes.first} ${classes.check}`}>
          <span className={classes.name}>
            <VisibleText text={row.name} />
          </span>
          <span className={classes.muted}>{CHECK_KIND[row.kind]}</span>
          {tests && <OnBase base={comparison.brief.base_check} />}
        </th>
        {SIDES.map((side) => (
          <td key={side} data-side={side} className={`${classes.cell} ${classes.first}`}>
            <CheckCell
              check={row[side]}
              comparison={comparison.id}
              turn={turn.number}
              side={side}
              running={turn.status === "checking"}
              logOpen={logs[side] !== undefined}
              onLog={() => toggle(side)}
              onLine={(line) => showLine(side, line)}
            />
          </td>
        ))}
      </tr>
      {open.length > 0 && (
        <tr className={classes.line}>
          <td colSpan={3} className={`${classes.cell} ${classes.logs}`}>
            <div data-both={open.length === 2 || undefined}>
              {open.map((side) => {
                const check = row[side];
                const wish = logs[side];
                return (
                  check &&
                  wish && <CheckLog key={side} comparison={comparison.id} check={check} side={side} {...wish} />
                );
              })}
            </div>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function OnBase({ base }: { base: BaseCheck | null }) {
  if (!base || base.status === "none") return null;
  return (
    <span className={classes.muted}>
      <b>Base:</b> {BASE[base.status].toLowerCase()}
      {base.seconds !== null && ` in ${duration(base.seconds)}`}
      {base.summary && (
        <>
          : <VisibleText text={base.summary} />
        </>
      )}
    </span>
  );
}
