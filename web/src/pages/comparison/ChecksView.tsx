import { Stack, Text } from "@mantine/core";
import type { Comparison, Turn } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { duration } from "../../components/text/time";
import { CheckCell } from "./CheckCell";
import classes from "./ChecksView.module.css";
import { CHECK_KIND, checkRows } from "./checks";
import { SideTag } from "./SideTag";

const BASE = {
  passed: "Passed",
  failed: "Failed",
  error: "Could not run",
  timed_out: "Ran out of time",
  none: "No test command",
} as const;

export function ChecksView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const rows = checkRows(turn);
  const base = comparison.brief.base_check;
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
  return (
    <div className={classes.view}>
      <Stack gap="md">
        {rows.map((row) => (
          <section key={`${row.kind}/${row.name}`} className={classes.row} aria-label={row.name}>
            <div className={classes.title}>
              <Text fw={600} size="sm">
                {row.name}
              </Text>
              <Text size="xs" c="dimmed">
                {CHECK_KIND[row.kind]}
              </Text>
            </div>
            {(row.kind === "test_command" || row.kind === "test_command_base_tests") &&
              base &&
              base.status !== "none" && (
                <Text size="xs" c="dimmed" className={classes.base}>
                  <b>Base:</b> {BASE[base.status]}
                  {base.seconds !== null && ` in ${duration(base.seconds)}`}. {base.summary}
                </Text>
              )}
            <div className={classes.sides}>
              {(["A", "B"] as const).map((side) => (
                <div key={side} className={classes.side}>
                  <SideTag side={side} />
                  <CheckCell comparison={comparison.id} check={row[side]} />
                </div>
              ))}
            </div>
          </section>
        ))}
      </Stack>
    </div>
  );
}
