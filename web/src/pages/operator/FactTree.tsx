import { Text } from "@mantine/core";
import classes from "./FactTree.module.css";

/** Any JSON as nested names and values: for facts whose shape the pages need not know. */
export function FactTree({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === "")
    return (
      <Text size="sm" c="dimmed" component="span">
        –
      </Text>
    );
  if (typeof value !== "object") return <span className={classes.value}>{String(value)}</span>;
  const entries = Array.isArray(value)
    ? value.map((entry, index) => [String(index + 1), entry] as const)
    : Object.entries(value);
  if (entries.length === 0)
    return (
      <Text size="sm" c="dimmed" component="span">
        none
      </Text>
    );
  return (
    <dl className={classes.facts}>
      {entries.map(([name, entry]) => (
        <div key={name} className={classes.fact}>
          <dt>{name.replaceAll("_", " ")}</dt>
          <dd>
            <FactTree value={entry} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
