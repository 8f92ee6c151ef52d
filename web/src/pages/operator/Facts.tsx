import { Text } from "@mantine/core";
import { Hash } from "../../components/text/Hash";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./Facts.module.css";
import { type Fact, factsOf } from "./fact-words";

/** Any JSON as one list of names and values: for facts whose shape the pages need not know. */
export function Facts({ value }: { value: unknown }) {
  return (
    <dl className={classes.facts}>
      {factsOf(value).map((fact) => (
        <div key={fact.name} className={classes.fact}>
          <dt>{fact.name}</dt>
          <dd>
            <Value fact={fact} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ fact }: { fact: Fact }) {
  if (fact.kind === "hash") return <Hash value={fact.text} of={fact.name} />;
  if (fact.kind === "nothing")
    return (
      <Text size="sm" c="dimmed" component="span">
        {fact.text}
      </Text>
    );
  return (
    <span className={classes.value}>
      <VisibleText text={fact.text} />
    </span>
  );
}
