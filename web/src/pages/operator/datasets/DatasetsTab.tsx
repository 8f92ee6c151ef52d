import { Anchor, Badge, Code, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type DatasetRow, datasetsQuery } from "../../../api/datasets";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../components/feedback/Waiting";
import { bytesInWords } from "../../../components/repository/content";
import { counted } from "../../../components/text/counted";
import { PathText } from "../../../components/text/PathText";
import { Time } from "../../../components/text/Time";
import { VisibleText } from "../../../components/text/VisibleText";
import { NUMBER } from "../cells";
import { ToHeld } from "./HeldNotice";
import { STATES } from "./words";

/** Every dataset that was built or pulled on this installation. */
export function DatasetsTab() {
  const found = useQuery(datasetsQuery);
  if (found.isPending) return <ListSkeleton />;
  if (found.data === undefined) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data.length === 0) {
    return (
      <Empty title="No dataset has been built here yet">
        Once submissions of a campaign are accepted: <Code>marlin dataset build CAMPAIGN</Code>. What is in it, and what
        was left out and why, is shown here.
      </Empty>
    );
  }
  return (
    <Stack gap="sm">
      {found.error && <ErrorNotice error={found.error} title="What you see may be old" />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="Datasets, table">
        <Table miw={760} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Dataset</Table.Th>
              <Table.Th>State</Table.Th>
              {["Rows", "Preferences", "To train on", "Held out", "Size"].map((head) => (
                <Table.Th key={head} {...NUMBER}>
                  {head}
                </Table.Th>
              ))}
              <Table.Th>Written</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </Stack>
  );
}

function Row({ row }: { row: DatasetRow }) {
  const state = STATES[row.state];
  const number = (value: number | undefined) => (row.state === "ready" ? (value ?? 0).toLocaleString() : "–");
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          size="sm"
          fw={600}
          renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "datasets", dataset: row.id }} />}
        >
          <VisibleText text={row.name} />
        </Anchor>
        {row.held_problem && (
          <Text size="xs" c="red">
            What waits for you can’t be told
          </Text>
        )}
        <PathText size="xs" c="dimmed" maw={280} path={row.path} />
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Badge variant="light" color={state.colour} tt="none" miw="max-content">
            {state.words}
          </Badge>
          {row.synthetic && (
            <Badge variant="light" color="orange" tt="none" miw="max-content">
              Synthetic
            </Badge>
          )}
        </Group>
        {row.undecided > 0 && (
          <Text size="xs" style={{ whiteSpace: "nowrap" }}>
            <ToHeld campaign={row.campaigns[0]}>{counted(row.undecided, "value waits", "values wait")} for you</ToHeld>
          </Text>
        )}
      </Table.Td>
      <Table.Td {...NUMBER}>{number(row.rows)}</Table.Td>
      <Table.Td {...NUMBER}>{number(row.pairs)}</Table.Td>
      <Table.Td {...NUMBER}>{number(row.split_rows.train)}</Table.Td>
      <Table.Td {...NUMBER}>{number(row.split_rows.test)}</Table.Td>
      <Table.Td {...NUMBER}>{row.state === "ready" ? bytesInWords(row.bytes) : "–"}</Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        {row.written_at ? <Time iso={row.written_at} relative /> : "–"}
      </Table.Td>
    </Table.Tr>
  );
}

function ListSkeleton() {
  return (
    <Waiting label="Loading the datasets">
      <Stack gap={22} pt="sm">
        {["82%", "74%", "78%"].map((width) => (
          <Bar key={width} width={width} height={20} />
        ))}
      </Stack>
    </Waiting>
  );
}
