import type { Row } from "../../../../api/dataset-rows";
import { Numbers } from "../../../../components/charts/Numbers";
import { Empty } from "../../../../components/feedback/Empty";
import classes from "./RowPage.module.css";
import { named } from "./row-words";

const AGAINST_BASE: Record<string, string> = {
  same: "as on the base",
  newly_failing: "newly: it passed on the base",
  newly_passing: "newly: it failed on the base",
};

/** What the checks said of both results, and what became of each since the base. */
export function RowChecks({ row }: { row: Row }) {
  const names = [...new Set([...row.a.checks, ...row.b.checks].map((check) => `${check.kind}\n${check.name}`))];
  if (names.length === 0)
    return (
      <Empty title="No checks ran on this turn">The brief names no test command, and the campaign no checks.</Empty>
    );
  const said = (checks: Row["a"]["checks"], name: string) => {
    const found = checks.find((check) => `${check.kind}\n${check.name}` === name);
    if (!found) return "–";
    const since = AGAINST_BASE[found.against_base ?? ""];
    return since === undefined ? named(found.status) : `${named(found.status)}, ${since}`;
  };
  return (
    <div className={classes.reading}>
      <Numbers
        label="Checks"
        whole
        heads={["Check", "Kind", "A", "B"]}
        words={["Kind", "A", "B"]}
        rows={names.map((name) => {
          const [kind = "", title = ""] = name.split("\n");
          return [title || named(kind), named(kind), said(row.a.checks, name), said(row.b.checks, name)];
        })}
      />
    </div>
  );
}
