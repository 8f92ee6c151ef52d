import { Anchor, Badge, Button, Group, NumberInput, Text, Title, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { Row } from "../../../../api/dataset-rows";
import { datasetQuery } from "../../../../api/datasets";
import { VisibleText } from "../../../../components/text/VisibleText";
import { spelledOut } from "../../../../components/text/visible";
import classes from "./RowPage.module.css";
import { categoryOf, titleOf } from "./row-words";

/** Which row this is, and the way to others. */
export function RowHead({ dataset, row }: { dataset: string; row: Row }) {
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <BackToDataset dataset={dataset} />
        <Title order={1} fz="md" className={classes.name} title={spelledOut(titleOf(row.request))}>
          <VisibleText text={titleOf(row.request)} />
        </Title>
        <Group gap={6} mt={2}>
          <Badge variant="light" tt="none" color={row.split === "train" ? "marlin" : "violet"}>
            {row.split}
          </Badge>
          <Badge variant="default" tt="none">
            <VisibleText text={categoryOf(row.category)} />
          </Badge>
          {row.synthetic && (
            <Badge variant="light" color="orange" tt="none">
              Synthetic
            </Badge>
          )}
          <Text size="xs" c="dimmed" component="span" className={classes.source}>
            <bdi>
              <VisibleText text={row.source ?? row.repository} />
            </bdi>{" "}
            at <code>{row.base_commit.slice(0, 10)}</code>
            {row.turn > 1 && ` · turn ${row.turn}`}
          </Text>
        </Group>
      </div>
      <Steps dataset={dataset} row={row} />
    </header>
  );
}

export function BackToDataset({ dataset }: { dataset: string }) {
  const found = useQuery(datasetQuery(dataset));
  const { where, q } = useSearch({ from: "/operator/datasets/$id/row" });
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "datasets", dataset, where, q }} />}
    >
      ← <VisibleText text={found.data?.name ?? "The dataset"} />
    </Anchor>
  );
}

function Steps({ dataset, row }: { dataset: string; row: Row }) {
  return (
    <nav className={classes.steps} aria-label="Rows">
      {row.matching != null && (
        <Text size="xs" c="dimmed" component="span">
          {row.place?.toLocaleString() ?? "none"} of {row.matching.toLocaleString()} that match
        </Text>
      )}
      <Step dataset={dataset} to={row.previous} name="Previous row" cap="," />
      <ByNumber key={row.id} row={row} />
      <Step dataset={dataset} to={row.next} name="Next row" cap="." />
    </nav>
  );
}

function Step({ dataset, to, name, cap }: { dataset: string; to: string | null; name: string; cap: string }) {
  const words = name.split(" ", 1)[0];
  const inner = (
    <>
      {words}
      <span className="visually-hidden"> row</span>
    </>
  );
  if (to === null) {
    return (
      <Button size="xs" variant="default" disabled>
        {inner}
      </Button>
    );
  }
  return (
    <Tooltip label={`${name}: key “${cap}”`}>
      <Button
        size="xs"
        variant="default"
        renderRoot={(props) => (
          <Link
            {...props}
            to="/operator/datasets/$id/row"
            params={{ id: dataset }}
            search={(old) => ({ ...old, row: to })}
          />
        )}
      >
        {inner}
      </Button>
    </Tooltip>
  );
}

/** Goes to a row of the same split by its number, once Enter says so. */
function ByNumber({ row }: { row: Row }) {
  const navigate = useNavigate({ from: "/operator/datasets/$id/row" });
  const [number, setNumber] = useState<number | string>(row.number);
  return (
    <form
      className={classes.number}
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = Math.min(Math.max(1, Math.round(Number(number)) || 1), row.of);
        void navigate({ search: (old) => ({ ...old, row: undefined, split: row.split, number: wanted }) });
      }}
    >
      <NumberInput
        size="xs"
        aria-label={`Row of ${row.split}`}
        value={number}
        onChange={setNumber}
        min={1}
        max={row.of}
        allowDecimal={false}
        hideControls
        w={70}
      />
      <Text size="xs" component="span" style={{ whiteSpace: "nowrap" }}>
        of {row.of.toLocaleString()}
      </Text>
    </form>
  );
}
