import { Badge, Button, Text } from "@mantine/core";
import type { Check, Side } from "../../api/types";
import { duration } from "../../components/text/time";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./ChecksView.module.css";
import { againstBase, lintData, statusWords, testsData } from "./checks";
import { LintFindings } from "./LintFindings";
import { TestChanges } from "./TestChanges";

export interface CheckCellProps {
  check: Check | null;
  comparison: string;
  turn: number;
  side: Side;
  /** Whether it may still come. */
  running: boolean;
  logOpen: boolean;
  onLog: () => void;
  /** Show this line of its log. */
  onLine: (line: number) => void;
}

/** How a check went on one side: its status and the base's in words, then what belongs to its kind. */
export function CheckCell({ check, comparison, turn, side, running, logOpen, onLog, onLine }: CheckCellProps) {
  if (!check) {
    return (
      <Text size="sm" c="dimmed">
        {running ? "Not there yet" : "Not run on this side"}
      </Text>
    );
  }
  const words = statusWords(check);
  const against = againstBase(check);
  const lint = lintData(check);
  const tests = testsData(check);
  return (
    <>
      <div className={classes.status}>
        <Badge variant="light" color={words.color} radius="sm" tt="none">
          {words.label}
        </Badge>
        <div className={classes.against}>
          {against && (
            <Text span size="xs" c={check.against_base === "newly_failing" ? "red" : "dimmed"}>
              {against}
            </Text>
          )}
          {check.seconds !== null && (
            <Text span size="xs" c="dimmed">
              {duration(check.seconds)}
            </Text>
          )}
        </div>
        {check.has_log && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={onLog}
            aria-expanded={logOpen}
            aria-label={`${logOpen ? "Hide log" : "Log"} of ${check.name} on ${side}`}
          >
            {logOpen ? "Hide log" : "Log"}
          </Button>
        )}
      </div>
      {check.summary && (
        <p className={classes.summary}>
          <VisibleText text={check.summary} />
        </p>
      )}
      {tests && <TestChanges tests={tests} onLine={onLine} />}
      {lint && <LintFindings data={lint} comparison={comparison} turn={turn} side={side} />}
    </>
  );
}
