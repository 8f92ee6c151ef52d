import { Button, Group, SegmentedControl, Select } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Leaderboard } from "../../../api/evidence-types";
import type { Rubric } from "../../../api/types";
import { type EvidenceSearch, filterCount } from "../search";
import * as words from "../words";
import classes from "./Slices.module.css";

/** Which votes are counted, on which axis, and how: all of it in the address. */
export function Slices({ board, rubric }: { board: Leaderboard; rubric: Rubric }) {
  const search = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/evidence" });
  const put = (part: Partial<EvidenceSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  const counted = (values: Record<string, number>) =>
    Object.entries(values)
      .sort(([, one], [, other]) => other - one)
      .map(([value, votes]) => ({
        value,
        label: `${words.sentence(value.replaceAll("_", " "))} (${words.count(votes)})`,
      }));
  const filter = (label: string, name: "category" | "language" | "agent", data: { value: string; label: string }[]) => (
    <Select
      label={label}
      placeholder="All"
      size="sm"
      clearable
      clearButtonProps={{ "aria-label": `All: ${label.toLowerCase()}` }}
      searchable={data.length > 8}
      // A choice from the address that no vote has any more is still shown as what it is.
      data={
        search[name] && !data.some((one) => one.value === search[name])
          ? [...data, { value: search[name], label: search[name] }]
          : data
      }
      value={search[name] ?? null}
      onChange={(value) => put({ [name]: value ?? undefined })}
    />
  );
  return (
    <section className={`surface ${classes.bar}`} aria-label="What is counted">
      <div className={classes.fields}>
        <Select
          label="Axis"
          size="sm"
          allowDeselect={false}
          data={board.axes.map((name) => ({ value: name, label: words.axisLabel(name, rubric) }))}
          value={search.axis ?? board.axis}
          onChange={(axis) => put({ axis: axis === "overall" ? undefined : (axis ?? undefined) })}
        />
        {filter("Kind of work", "category", counted(board.categories))}
        {filter("Language", "language", counted(board.languages))}
        {filter(
          "Agent",
          "agent",
          board.agents.map((agent) => ({ value: agent, label: agent })),
        )}
        <Choice
          label="Turns"
          value={search.turns ?? "all"}
          data={[
            { value: "all", label: "All" },
            { value: "first", label: "First" },
            { value: "later", label: "Later" },
          ]}
          onChange={(value) => put({ turns: value === "all" ? undefined : (value as "first" | "later") })}
        />
        <Choice
          label="Scores"
          value={search.scores ?? "raw"}
          disabled={board.controlled.length === 0}
          data={[
            { value: "raw", label: "As voted" },
            { value: "held", label: "Size held equal" },
          ]}
          onChange={(value) => put({ scores: value === "held" ? "held" : undefined })}
        />
      </div>
      {filterCount(search) > 0 && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => put({ category: undefined, language: undefined, agent: undefined, turns: undefined })}
          >
            Count all votes again
          </Button>
        </Group>
      )}
    </section>
  );
}

function Choice(props: {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  disabled?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <div>
      <div className={classes.label} aria-hidden="true">
        {props.label}
      </div>
      <SegmentedControl
        size="sm"
        aria-label={props.label}
        value={props.value}
        data={props.data}
        disabled={props.disabled}
        onChange={props.onChange}
      />
    </div>
  );
}
