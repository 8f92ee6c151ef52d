import { Alert, Code, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { systemQuery } from "../../api/operator";
import type { HostCheck, SystemState } from "../../api/operator-types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import { Time } from "../../components/text/Time";
import { Facts } from "./Facts";
import { Part } from "./Part";

export function SystemTab() {
  const system = useQuery(systemQuery);
  if (system.isPending) return <SystemSkeleton />;
  if (system.data === undefined) return <ErrorNotice error={system.error} onRetry={() => void system.refetch()} />;
  const state = system.data;
  return (
    <Stack gap="lg">
      {system.error && <ErrorNotice error={system.error} title="What you see may be old" />}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Figure label="Jobs running" value={state.jobs.running} />
        <Figure label="Jobs waiting" value={state.jobs.queued} />
        <Figure label="Jobs failed" value={state.jobs.failed} bad={state.jobs.failed > 0} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Part title="Workers">
          <Workers workers={state.workers} />
        </Part>
        <Part title="This installation">
          <Facts value={{ version: state.version, database: state.database, disk: diskWords(state.disk) }} />
        </Part>
      </SimpleGrid>
      <Part title="What this host can isolate">
        <Stack gap="xs">
          {state.host_checks.map((check) => (
            <HostCheckRow key={check.name} check={check} />
          ))}
        </Stack>
      </Part>
    </Stack>
  );
}

const ROWS = ["44%", "58%", "36%", "51%"];

/** The layout of what is on its way. */
function SystemSkeleton() {
  return (
    <Waiting label="Loading the state of the system">
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          {["jobs-1", "jobs-2", "jobs-3"].map((name) => (
            <Paper key={name} withBorder p="md" bg="var(--app-surface)">
              <Bar width="90px" style={{ marginBlock: 6 }} />
              <Bar width="34px" height={22} style={{ marginBlock: "5px 4px" }} />
            </Paper>
          ))}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <GhostPart />
          <GhostPart />
        </SimpleGrid>
        <GhostPart />
      </Stack>
    </Waiting>
  );
}

function GhostPart() {
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)">
      <Bar width="160px" height={16} style={{ marginBlock: "5px 20px" }} />
      <Stack gap={14}>
        {ROWS.map((width) => (
          <Bar key={width} width={width} />
        ))}
      </Stack>
    </Paper>
  );
}

function Figure({ label, value, bad = false }: { label: string; value: number; bad?: boolean }) {
  return (
    <Paper withBorder p="md" bg="var(--app-surface)">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={26} fw={700} lh={1.2} c={bad ? "red" : undefined}>
        {value.toLocaleString()}
      </Text>
    </Paper>
  );
}

function Workers({ workers }: { workers: SystemState["workers"] }) {
  if (workers.length === 0) {
    return (
      <Alert color="red" title="No worker is running">
        Turns wait until one is started: <Code>marlin worker</Code>, or <Code>marlin up</Code> on one machine.
      </Alert>
    );
  }
  return (
    <Stack gap="xs">
      {workers.map((worker) => (
        <Group key={worker.id} justify="space-between" gap="xs">
          <div>
            <Text size="sm" fw={600}>
              {worker.host}
            </Text>
            <Text size="xs" c="dimmed">
              {worker.queues.join(", ") || "all queues"}
            </Text>
          </div>
          <Text size="xs" c="dimmed">
            seen <Time iso={worker.last_seen} relative />
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

function HostCheckRow({ check }: { check: HostCheck }) {
  const state = check.ok ? "has it" : check.required ? "lacks it" : "lacks it; not required";
  return (
    <div>
      <Text size="sm">
        <Text span fw={700} c={check.ok ? "green" : check.required ? "red" : "orange"} aria-hidden>
          {check.ok ? "✓ " : "✕ "}
        </Text>
        <b>{check.name}</b> <span className="visually-hidden">{state}. </span>
        <Text span c="dimmed">
          {check.detail}
        </Text>
      </Text>
      {!check.ok && check.fix && (
        <Text size="sm" pl={18}>
          {check.fix}
        </Text>
      )}
    </div>
  );
}

function diskWords(disk: { total?: number; free?: number } | null | undefined): string | null {
  if (disk?.total == null || disk.free == null) return null;
  const gib = (bytes: number) => `${Math.round(bytes / 2 ** 30).toLocaleString()} GiB`;
  return `${gib(disk.free)} free of ${gib(disk.total)}`;
}
