import { Button, Group, NumberInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allocationQuery } from "../../../api/evidence";
import type { Allocation } from "../../../api/evidence-types";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import classes from "../Evidence.module.css";
import { Notes, Section, TableBox } from "../parts";
import * as words from "../words";

/** Where the next dollars tell most about the order of the arms. Computed when asked: each answer is a look at standings. */
export function Spending({ id, axis, price }: { id: string; axis: string; price: number }) {
  const [budget, setBudget] = useState<number | string>(price * 100);
  const [asked, setAsked] = useState<number | null>(null);
  const found = useQuery(allocationQuery(id, axis, asked));
  const fits = Number(budget) > 0 && Number(budget) <= 10_000_000;
  return (
    <Section
      title="Where the next dollars tell most"
      lead="Which pairs of arms to compare next, by information per dollar, and how much surer their order would be."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) setAsked(Number(budget));
        }}
      >
        <Group align="flex-end" gap="sm">
          <NumberInput
            label="Budget"
            prefix="$"
            thousandSeparator=","
            min={0}
            step={price * 10}
            w={180}
            value={budget}
            error={fits ? undefined : "More than $0, at most $10,000,000."}
            onChange={setBudget}
          />
          <Button type="submit" variant="default" loading={found.isFetching}>
            Compute
          </Button>
        </Group>
      </form>
      {found.error && <ErrorNotice error={found.error} title="Nothing was computed" />}
      {found.data && <Bought found={found.data} />}
    </Section>
  );
}

function Bought({ found }: { found: Allocation }) {
  return (
    <div className={classes.stack} role="status">
      <Notes of={found.provenance} label="the spending" />
      {found.pairs.length > 0 && (
        <>
          <Text>{gainWords(found)}</Text>
          <TableBox label="What to buy" tall={found.pairs.length > 12}>
            <thead>
              <tr>
                <th scope="col" className={classes.name}>
                  Pair
                </th>
                <th scope="col">Comparisons</th>
                <th scope="col">
                  Error of the difference<span className={classes.sub}>log odds, now</span>
                </th>
                <th scope="col">
                  Error<span className={classes.sub}>after</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.pairs.map((pair) => (
                <tr key={`${pair.first}\n${pair.second}`}>
                  <th scope="row" className={classes.name}>
                    {pair.first} and {pair.second}
                  </th>
                  <td>{words.count(pair.comparisons)}</td>
                  <td>{words.plain(pair.error_now)}</td>
                  <td>{words.plain(pair.error_after)}</td>
                </tr>
              ))}
            </tbody>
          </TableBox>
        </>
      )}
    </div>
  );
}

function gainWords({
  usd,
  misordered_now: now,
  misordered_after: after,
  misordered_if_equal: equal,
}: Allocation): string {
  if (now == null || after == null || equal == null) return `For ${words.usd(usd)}.`;
  return (
    `For ${words.usd(usd)} the expected number of pairs in the wrong order goes from ${words.plain(now)} to ${words.plain(after)}; ` +
    `spent on all pairs alike it would be ${words.plain(equal)}.`
  );
}
