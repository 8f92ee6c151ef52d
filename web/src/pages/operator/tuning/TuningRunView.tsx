import { Alert, Anchor, Badge, Code, Group, Paper, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { type TuningRun, tuningRunQuery } from "../../../api/tuning";
import { Chart } from "../../../components/charts/Chart";
import { drawLines } from "../../../components/charts/metrics";
import { Numbers } from "../../../components/charts/Numbers";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../components/feedback/Waiting";
import { CopyField } from "../../../components/text/CopyField";
import { shellWord } from "../../../components/text/commands";
import { Facts } from "../Facts";
import { Part } from "../Part";
import { type Charted, chartsOf, interval, METHODS, percent, progress, STATES, timeLeft } from "./words";

/** One tuning run, followed while it trains. */
export function TuningRunView({ id }: { id: string }) {
  const found = useQuery(tuningRunQuery(id));
  return (
    <Stack gap="lg">
      <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "tuning" }} />}>
        ← All tuning runs
      </Anchor>
      {found.isPending ? (
        <RunSkeleton />
      ) : found.data === undefined ? (
        <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <>
          {found.error && <ErrorNotice error={found.error} title="What you see may be old" />}
          <Whole run={found.data} />
        </>
      )}
    </Stack>
  );
}

function Whole({ run }: { run: TuningRun }) {
  const charts = useMemo(() => chartsOf(run.points), [run.points]);
  return (
    <>
      <Head run={run} />
      <What run={run} />
      {run.evaluation && <Learnt evaluation={run.evaluation} />}
      {charts.length > 0 ? (
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
          {charts.map((chart) => (
            <Metric key={chart.title} chart={chart} />
          ))}
        </SimpleGrid>
      ) : (
        run.state === "training" && <Text c="dimmed">The first numbers come after the first step.</Text>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Part order={3} title="What was asked">
          <Facts value={run.plan} />
        </Part>
        <Stack gap="lg">
          <Part order={3} title="What was expected">
            <Facts value={run.cost} />
          </Part>
          <Part order={3} title="What went in">
            <Facts value={run.inputs} />
          </Part>
        </Stack>
      </SimpleGrid>
    </>
  );
}

function Head({ run }: { run: TuningRun }) {
  const state = STATES[run.state];
  const share = run.step != null && run.steps ? (run.step / run.steps) * 100 : 0;
  return (
    <div>
      <Group gap="sm" mb={4}>
        <Title order={2}>{run.name}</Title>
        <Badge variant="light" color={state.colour} tt="none" role="status">
          {state.words}
        </Badge>
        {run.synthetic && (
          <Badge variant="light" color="orange" tt="none">
            Synthetic judgement
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {[run.method && (METHODS[run.method] ?? run.method), run.model && `from ${run.model}`, run.path]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {run.state === "training" && (
        <div>
          <Progress value={share} mt="sm" aria-label="Steps done" />
          <Text size="sm" mt={4}>
            Step {progress(run)}
            {run.seconds_left != null && `, ${timeLeft(run.seconds_left)}`}
          </Text>
        </div>
      )}
    </div>
  );
}

/** What to do now, where there is something. */
function What({ run }: { run: TuningRun }) {
  if (run.failure) {
    return (
      <Alert color="red" title={run.failure.message}>
        {run.failure.hint}
      </Alert>
    );
  }
  if (run.state === "interrupted" || run.state === "stopped") {
    return (
      <Alert color="orange" title={run.state === "stopped" ? "Somebody stopped it" : "Its process is gone"}>
        It goes on from its last whole checkpoint:{" "}
        <Code>
          {Number(run.plan.nodes) > 1
            ? `sbatch ${shellWord(`${run.path}/launch.sh`)}`
            : `marlin tune resume ${shellWord(run.path)}`}
        </Code>
      </Alert>
    );
  }
  if (run.state === "gone") return <Alert color="gray">The folder was moved or removed.</Alert>;
  if (run.state === "unreadable") return <Alert color="red">run.yaml or record.json is not what Marlin writes.</Alert>;
  if (run.state === "trained" && !run.evaluation)
    return <CopyField label="Next: ask what it has learnt" value={`marlin tune evaluate ${shellWord(run.path)}`} />;
  return null;
}

function Learnt({ evaluation }: { evaluation: NonNullable<TuningRun["evaluation"]> }) {
  const { accuracy, baselines, ceiling } = evaluation;
  return (
    <Part order={3} title="What it has learnt">
      {evaluation.drift_alarm && (
        <Alert color="orange" mb="sm" title="The preferred sides became less likely">
          Preferring well and saying it are two things. The alarm goes by token, on held-out pairs; the likelihood below
          is of whole sides, in training.
        </Alert>
      )}
      <Stack gap={4} mb="md">
        {evaluation.conclusion.map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
      </Stack>
      {accuracy && (
        <Numbers
          label="Accuracy on held-out pairs"
          heads={["Who", "Agrees with people", "The run is ahead by"]}
          rows={[
            ["this run", interval(accuracy), "–"],
            ...baselines.map((one) => [one.rule, interval(one.accuracy), interval(one.ahead)]),
            ...(ceiling == null ? [] : [["another person", percent(ceiling), "–"]]),
          ]}
        />
      )}
    </Part>
  );
}

function Metric({ chart }: { chart: Charted }) {
  const [first] = chart.data.lines;
  const rows = (first?.points ?? []).map((point, index) => [
    String(point.step),
    ...chart.data.lines.map((line) => chart.data.format(line.points[index]?.value ?? Number.NaN)),
  ]);
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)">
      <Chart title={chart.title} summary={chart.summary} data={chart.data} draw={drawLines} height={240}>
        <Numbers label={chart.title} heads={["step", ...chart.data.lines.map((line) => line.label)]} rows={rows} />
      </Chart>
    </Paper>
  );
}

function RunSkeleton() {
  return (
    <Waiting label="Loading the tuning run">
      <Stack gap="lg">
        <Bar width="240px" height={26} />
        <Bar width="420px" />
        <Paper withBorder p="lg" bg="var(--app-surface)" h={320} />
      </Stack>
    </Waiting>
  );
}
