import { Alert, Anchor, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Dataset, downloadUrl, type Manifest, previewQuery, ROWS, type Split } from "../../../api/datasets";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Loading } from "../../../components/feedback/Loading";
import { LogViewer } from "../../../components/text/LogViewer";
import { rowsOf, viewsOf } from "./words";

/** The rows of a view, one at a time, as they lie in the file. */
export function Preview({ dataset, manifest }: { dataset: Dataset; manifest: Manifest }) {
  const [view, setView] = useState(ROWS);
  const [split, setSplit] = useState<Split>("train");
  const [number, setNumber] = useState(1);
  const total = rowsOf(manifest, view, split);
  const at = Math.min(number, Math.max(total, 1));
  const name = `${view.replaceAll("/", "-")}-${split}.jsonl`;
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <Select
          label="View"
          data={viewsOf(manifest).map((one) => ({
            value: one,
            label: one === ROWS ? "canonical rows" : one,
          }))}
          value={view}
          onChange={(next) => setView(next ?? ROWS)}
          allowDeselect={false}
          searchable
        />
        <Select
          label="Split"
          data={[
            { value: "train", label: `train (${rowsOf(manifest, view, "train").toLocaleString()})` },
            { value: "test", label: `test (${rowsOf(manifest, view, "test").toLocaleString()})` },
          ]}
          value={split}
          onChange={(next) => setSplit(next === "test" ? "test" : "train")}
          allowDeselect={false}
          w={150}
        />
        <NumberInput
          label={`Row, of ${total.toLocaleString()}`}
          value={at}
          onChange={(next) => setNumber(Math.max(1, Math.round(Number(next)) || 1))}
          min={1}
          max={Math.max(total, 1)}
          disabled={total === 0}
          allowDecimal={false}
          w={130}
        />
        <Button.Group>
          <Button variant="default" disabled={at <= 1} onClick={() => setNumber(at - 1)}>
            Previous row
          </Button>
          <Button variant="default" disabled={at >= total} onClick={() => setNumber(at + 1)}>
            Next row
          </Button>
        </Button.Group>
      </Group>
      {total === 0 ? (
        <Text size="sm">This view has no rows in this split; what was left out says why.</Text>
      ) : (
        <OneRow dataset={dataset} view={view} split={split} number={at} name={name} />
      )}
    </Stack>
  );
}

interface OneRowProps {
  dataset: Dataset;
  view: string;
  split: Split;
  number: number;
  name: string;
}

function OneRow({ dataset, view, split, number, name }: OneRowProps) {
  const found = useQuery(previewQuery(dataset.id, view, split, number - 1));
  const row = found.data?.[0];
  if (found.isPending) return <Loading label="Reading the row" />;
  if (found.data === undefined) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (row === undefined) return <Alert color="red">The file has fewer rows than its manifest says.</Alert>;
  return (
    <Stack gap="sm">
      {row.cut && <Text size="sm">The beginning of a long row; the file has all of it.</Text>}
      <LogViewer
        text={row.text}
        label={`Row ${row.number.toLocaleString()} of ${view}, ${split}`}
        download={{ href: downloadUrl(dataset.id, view, split), name }}
      />
      {row.row_id && (
        <Anchor
          size="sm"
          fw={600}
          w="fit-content"
          renderRoot={(props) => (
            <Link
              {...props}
              to="/operator/datasets/$id/row"
              params={{ id: dataset.id }}
              search={{ row: row.row_id ?? undefined }}
            />
          )}
        >
          Open this row as a comparison
        </Anchor>
      )}
    </Stack>
  );
}
