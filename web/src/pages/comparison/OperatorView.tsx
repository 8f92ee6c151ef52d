import { Button, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { operatorReportQuery } from "../../api/operator";
import type { components } from "../../api/schema";
import type { Outcome } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { OUTCOME } from "../../components/feedback/status";
import { Facts } from "../operator/Facts";
import classes from "./BriefView.module.css";
import { SideTag } from "./SideTag";

/** Arms, usage and provenance. Behind a button: an operator who also rates must not be unblinded by a stray click. */
export function OperatorView({ comparison }: { comparison: string }) {
  const [shown, setShown] = useState(false);
  const report = useQuery({ ...operatorReportQuery(comparison), enabled: shown });
  return (
    <div className={classes.view}>
      {!shown ? (
        <Stack align="flex-start" gap="sm">
          <Text size="sm">
            This names the arms behind A and B. Looking is recorded, and whoever has looked can’t review this
            comparison.
          </Text>
          <Button variant="default" onClick={() => setShown(true)}>
            Show arms, usage and provenance
          </Button>
        </Stack>
      ) : report.isPending ? (
        <Loading label="Loading the report" />
      ) : report.error ? (
        <ErrorNotice error={report.error} onRetry={() => void report.refetch()} />
      ) : (
        <Stack gap="lg">
          <Sides report={report.data} />
          <details>
            <summary>Everything on record: the draw, the campaign’s terms, each attempt with its provenance</summary>
            <Facts value={report.data} />
          </details>
        </Stack>
      )}
    </div>
  );
}

type Report = components["schemas"]["OperatorView"];

/** What an operator looks for first: which arm it was, how it ended, what it used and cost. */
function Sides({ report }: { report: Report }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="Arms and what they used, table">
      {report.aa && (
        <Text size="sm" mb="xs">
          An A/A control: the arm meets itself.
        </Text>
      )}
      <Table aria-label="Arms and what they used" miw={560}>
        <Table.Thead>
          <Table.Tr>
            {["Turn", "Side", "Arm", "Ended", "Attempts", "Calls", "Tokens in", "Tokens out", "Cost"].map((name) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.sides.map(({ turn, side, attempts }) => {
            const last = attempts.at(-1);
            const sum = (name: string) => attempts.reduce((all, { usage }) => all + (Number(usage[name]) || 0), 0);
            return (
              <Table.Tr key={`${turn}${side}`}>
                <Table.Td>{turn}</Table.Td>
                <Table.Td>
                  <SideTag side={side} />
                </Table.Td>
                <Table.Td>{report.arms[side]}</Table.Td>
                <Table.Td>{OUTCOME[last?.outcome as Outcome] ?? last?.status ?? "not begun"}</Table.Td>
                <Table.Td>{attempts.length}</Table.Td>
                <Table.Td>{sum("calls").toLocaleString()}</Table.Td>
                <Table.Td>{sum("input_tokens").toLocaleString()}</Table.Td>
                <Table.Td>{sum("output_tokens").toLocaleString()}</Table.Td>
                <Table.Td>{`$${sum("usd").toFixed(2)}`}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}
