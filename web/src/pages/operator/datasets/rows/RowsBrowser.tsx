import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FacetFound, ROWS_AT_A_TIME, type RowsFound, rowsQuery } from "../../../../api/dataset-rows";
import { ErrorNotice } from "../../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../../components/feedback/Waiting";
import { ListTools } from "../../../../components/list/ListTools";
import { bytesInWords } from "../../../../components/repository/content";
import { counted } from "../../../../components/text/counted";
import { FacetCard } from "./FacetCard";
import { facetName, partsOf, toggled, valueName } from "./facet-words";
import { RowList } from "./RowList";
import classes from "./Rows.module.css";

/** All rows of a dataset: how they are distributed, and those that somebody chooses. */
export function RowsBrowser({ dataset }: { dataset: string }) {
  const { where = [], q = "", start = 0 } = useSearch({ from: "/operator" });
  const navigate = useNavigate({ from: "/operator" });
  const found = useQuery(rowsQuery(dataset, { where, q }, start));
  const choose = (next: { where?: string[]; q?: string; start?: number }) =>
    void navigate({
      search: (old) => ({ ...old, start: undefined, ...next }),
      replace: true,
      resetScroll: false,
    });
  if (found.error)
    return <ErrorNotice error={found.error} title="The rows can’t be read" onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return <RowsSkeleton />;
  const rows = found.data;
  if (rows.state === "reading") return <Reading rows={rows} />;
  if (rows.total === 0) return <Text size="sm">The dataset has no rows; what was left out says why.</Text>;
  return (
    <Stack gap="md" aria-busy={found.isPlaceholderData || undefined}>
      <ListTools
        label="Search requests and justifications"
        placeholder="Search requests and justifications"
        value={q}
        onSearch={(text) => choose({ q: text || undefined })}
      />
      <Chosen where={where} q={q} rows={rows} onChoose={choose} />
      <Facets
        facets={rows.facets}
        where={where}
        narrowed={rows.matching < rows.total}
        onToggle={(choice) => {
          const next = toggled(where, choice);
          choose({ where: next.length > 0 ? next : undefined });
        }}
      />
      <RowList dataset={dataset} among={{ where, q }} rows={rows.rows} />
      {rows.matching > ROWS_AT_A_TIME && (
        <Pages rows={rows} onStart={(next) => choose({ start: next > 0 ? next : undefined })} />
      )}
    </Stack>
  );
}

function Reading({ rows }: { rows: RowsFound }) {
  const share = rows.of > 0 ? Math.min(99, Math.floor((100 * rows.done) / rows.of)) : 0;
  return (
    <Stack gap={6} role="status">
      <Text size="sm">
        Every row is read once: {share} % of {bytesInWords(rows.of)}. After that they are counted and found at once.
      </Text>
      <Progress value={share} aria-label="Reading every row" />
    </Stack>
  );
}

interface ChosenProps {
  where: string[];
  q: string;
  rows: RowsFound;
  onChoose: (next: { where?: string[]; q?: string }) => void;
}

/** How many rows match, and what was chosen, each to be taken back. */
function Chosen({ where, q, rows, onChoose }: ChosenProps) {
  const anything = where.length > 0 || q !== "";
  return (
    <Group gap="xs" mih={26}>
      <Text size="sm" fw={600} aria-live="polite">
        {anything
          ? `${rows.matching.toLocaleString()} of ${counted(rows.total, "row")} match`
          : counted(rows.total, "row")}
      </Text>
      {where.map((choice) => {
        const { facet, value } = partsOf(choice);
        const words = `${facetName(facet)}: ${valueName(facet, value)}`;
        return (
          <Button
            key={choice}
            size="compact-xs"
            variant="light"
            maw="100%"
            rightSection={<span aria-hidden>✕</span>}
            onClick={() => {
              const next = toggled(where, choice);
              onChoose({ where: next.length > 0 ? next : undefined });
            }}
          >
            <span className="visually-hidden">Take back </span>
            {words}
          </Button>
        );
      })}
      {anything && (
        <Button size="compact-xs" variant="subtle" onClick={() => onChoose({ where: undefined, q: undefined })}>
          Show all rows
        </Button>
      )}
    </Group>
  );
}

interface FacetsProps {
  facets: FacetFound[];
  where: string[];
  narrowed: boolean;
  onToggle: (choice: string) => void;
}

function Facets({ facets, where, narrowed, onToggle }: FacetsProps) {
  return (
    <div className={classes.facets}>
      {facets.map((facet) => (
        <FacetCard key={facet.name} facet={facet} where={where} narrowed={narrowed} onToggle={onToggle} />
      ))}
    </div>
  );
}

function Pages({ rows, onStart }: { rows: RowsFound; onStart: (start: number) => void }) {
  const { start, matching } = rows;
  const last = Math.min(start + ROWS_AT_A_TIME, matching);
  return (
    <Group gap="sm">
      <Button
        size="xs"
        variant="default"
        disabled={start === 0}
        onClick={() => onStart(Math.max(0, start - ROWS_AT_A_TIME))}
      >
        Rows before
      </Button>
      <Text size="sm" aria-live="polite">
        {(start + 1).toLocaleString()} to {last.toLocaleString()} of {matching.toLocaleString()}
      </Text>
      <Button size="xs" variant="default" disabled={last >= matching} onClick={() => onStart(start + ROWS_AT_A_TIME)}>
        Rows after
      </Button>
    </Group>
  );
}

function RowsSkeleton() {
  return (
    <Waiting label="Counting the rows">
      <Stack gap="md">
        <Bar width="100%" height={34} />
        <div className={classes.facets}>
          {["one", "two", "three", "four"].map((name) => (
            <Bar key={name} width="100%" height={170} />
          ))}
        </div>
      </Stack>
    </Waiting>
  );
}
