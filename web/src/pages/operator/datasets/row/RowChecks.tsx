import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Check } from "../../../../api/check-types";
import type { Row } from "../../../../api/dataset-rows";
import { Numbers } from "../../../../components/charts/Numbers";
import { Empty } from "../../../../components/feedback/Empty";
import { CHECK_STATUS } from "../../../comparison/checks";
import classes from "./RowPage.module.css";
import { named } from "./row-words";

const AGAINST_BASE: Record<string, string> = {
  same: "as on the base",
  newly_failing: "newly: it passed on the base",
  newly_passing: "newly: it failed on the base",
};

const KINDS: Record<string, string> = {
  test_command: "Test command",
  test_command_base_tests: "Test command, the base’s tests",
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
    const { label, color } = CHECK_STATUS[found.status as Check["status"]] ?? { label: named(found.status), color: "" };
    const words = [label, AGAINST_BASE[found.against_base ?? ""]].filter(Boolean).join(", ");
    return color === "red" ? <Failed>{words}</Failed> : words;
  };
  return (
    <div className={classes.reading}>
      <Numbers
        label="Checks"
        whole
        heads={["Check", "A", "B", "Kind"]}
        words={["A", "B", "Kind"]}
        rows={names.map((name) => {
          const [kind = "", title = ""] = name.split("\n");
          return [title || named(kind), said(row.a.checks, name), said(row.b.checks, name), KINDS[kind] ?? named(kind)];
        })}
      />
    </div>
  );
}

function Failed({ children }: { children: ReactNode }) {
  return (
    <Text span inherit fw={600} c="var(--mantine-color-red-text)">
      {children}
    </Text>
  );
}
