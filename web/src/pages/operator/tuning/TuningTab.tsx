import { Anchor, Badge, Code, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type TuningRunRow, tuningRunsQuery } from "../../../api/tuning";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../components/feedback/Waiting";
import { PathText } from "../../../components/text/PathText";
import { Time } from "../../../components/text/Time";
import { NUMBER } from "../cells";
import { METHODS, percent, progress, STATES, timeLeft } from "./words";

/** Every tuning run that was begun on this installation. */
export function TuningTab() {
  const runs = useQuery(tuningRunsQuery);
  if (runs.isPending) return <ListSkeleton />;
  if (runs.data === undefined) return <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />;
  if (runs.data.length === 0) {
    return (
      <Empty title="No model has been tuned here yet">
        Build a dataset from accepted ratings, then train on it:{" "}
        <Code>marlin tune dpo DATASET --model BASE --output RUN</Code>. Runs are followed here while they train.
      </Empty>
    );
  }
  return (
    <Stack gap="sm">
      {runs.error && <ErrorNotice error={runs.error} title="What you see may be old" />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="Tuning runs, table">
        <Table miw={760} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {["Run", "State", "Method"].map((head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ))}
              {["Steps", "Loss", "Held-out accuracy"].map((head) => (
                <Table.Th key={head} {...NUMBER}>
                  {head}
                </Table.Th>
              ))}
              <Table.Th>Begun</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {runs.data.map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </Stack>
  );
}

function Row({ run }: { run: TuningRunRow }) {
  const state = STATES[run.state];
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          size="sm"
          fw={600}
          renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "tuning", run: run.id }} />}
        >
          {run.name}
        </Anchor>
        <PathText size="xs" c="dimmed" maw={280} path={run.model ?? run.path} />
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={state.colour} tt="none" miw="max-content">
          {state.words}
        </Badge>
        {run.seconds_left != null && (
          <Text size="xs" c="dimmed">
            {timeLeft(run.seconds_left)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {run.method ? (METHODS[run.method] ?? run.method) : "–"}
        {run.control && (
          <Text size="xs" c="dimmed">
            control: labels shuffled
          </Text>
        )}
        {run.synthetic && (
          <Text size="xs" c="dimmed">
            synthetic judgement
          </Text>
        )}
      </Table.Td>
      <Table.Td {...NUMBER}>{progress(run)}</Table.Td>
      <Table.Td {...NUMBER}>{run.loss == null ? "–" : run.loss.toPrecision(3)}</Table.Td>
      <Table.Td {...NUMBER}>{run.accuracy == null ? "–" : percent(run.accuracy)}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {run.created_at ? <Time iso={run.created_at} relative /> : "–"}
      </Table.Td>
    </Table.Tr>
  );
}

function ListSkeleton() {
  return (
    <Waiting label="Loading the tuning runs">
      <Stack gap={22} pt="sm">
        {["82%", "74%", "78%"].map((width) => (
          <Bar key={width} width={width} height={20} />
        ))}
      </Stack>
    </Waiting>
  );
}
