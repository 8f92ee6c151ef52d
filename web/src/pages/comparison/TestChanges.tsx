import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ChangedTest, TestsData } from "../../api/types";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./ChecksView.module.css";
import { TEST_GROUPS, testsCaveat } from "./checks";

const FIRST = 8;

/** Which tests fail, and which changed against the base; each leads to its place in the log. */
export function TestChanges({ tests, onLine }: { tests: TestsData; onLine: (line: number) => void }) {
  const [all, { open }] = useDisclosure(false);
  const changed = tests.changed ?? [];
  const counts = tests.counts ?? {};
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const caveat = testsCaveat(tests);
  const shown = all ? changed : changed.slice(0, FIRST);
  const groups = TEST_GROUPS.filter(({ group }) => (counts[group] ?? 0) > 0);
  return (
    <div className={classes.tests}>
      {groups.map(({ group, words, bad }) => {
        const listed = shown.filter((test) => test.group === group);
        return (
          <section key={group} aria-label={words}>
            <p className={bad ? classes.bad : classes.group}>
              {(counts[group] ?? 0).toLocaleString()} {words}
            </p>
            {listed.length > 0 && (
              <ul className={classes.findings}>
                {listed.map((test) => (
                  <li key={test.name}>
                    <TestName test={test} onLine={onLine} />
                  </li>
                ))}
              </ul>
            )}
          </section>
        );
      })}
      {shown.length < changed.length && (
        <Button size="compact-xs" variant="subtle" onClick={open}>
          Show all {changed.length}
        </Button>
      )}
      {all && total > changed.length && (
        <Text size="xs" c="dimmed">
          {(total - changed.length).toLocaleString()} more are counted and not listed.
        </Text>
      )}
      {caveat && <p className={classes.caveat}>{caveat}</p>}
    </div>
  );
}

const DETAIL: Record<string, string> = {
  "newly_failing/not_run": "did not run on the base",
  "no_longer_failing/failed": "passes, or does not run any more",
};

function TestName({ test, onLine }: { test: ChangedTest; onLine: (line: number) => void }) {
  const { name, line } = test;
  const detail = DETAIL[`${test.group}/${test.base}`];
  return (
    <>
      {line === null ? (
        <span className={classes.test}>
          <VisibleText text={name} />
        </span>
      ) : (
        <button type="button" className={classes.test} onClick={() => onLine(line)} title="Show it in the log">
          <VisibleText text={name} />
        </button>
      )}
      {detail && <span className={classes.muted}> ({detail})</span>}
    </>
  );
}
