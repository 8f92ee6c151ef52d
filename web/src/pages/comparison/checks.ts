import type { Check, Side, Turn } from "../../api/types";

/** A check on both sides, in one row. Pure. */
export interface CheckRow {
  name: string;
  kind: Check["kind"];
  A: Check | null;
  B: Check | null;
}

export function checkRows(turn: Turn): CheckRow[] {
  const rows = new Map<string, CheckRow>();
  for (const side of ["A", "B"] as Side[]) {
    for (const check of turn.sides[side].checks ?? []) {
      const key = `${check.kind}/${check.name}`;
      const row = rows.get(key) ?? { name: check.name, kind: check.kind, A: null, B: null };
      row[side] = check;
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

export function isBad(check: Check): boolean {
  return check.status === "failed" || check.status === "error" || check.status === "timed_out";
}

export function checkCounts(checks: Check[]): { total: number; bad: number } {
  const judged = checks.filter((check) => check.status !== "skipped" && check.kind !== "size");
  return { total: judged.length, bad: judged.filter(isBad).length };
}

export const CHECK_KIND: Record<Check["kind"], string> = {
  test_command: "The repository’s tests, as the side left them",
  test_command_base_tests: "The repository’s tests, with the base’s test files put back",
  acceptance: "Acceptance",
  size: "Size of the change",
};

export const CHECK_STATUS: Record<Check["status"], { label: string; color: string }> = {
  passed: { label: "Passed", color: "green" },
  failed: { label: "Failed", color: "red" },
  error: { label: "Could not run", color: "red" },
  timed_out: { label: "Ran out of time", color: "red" },
  skipped: { label: "Not run", color: "gray" },
};

export const AGAINST_BASE: Record<Check["against_base"], string> = {
  same: "as on the base",
  newly_failing: "fails newly: it passed on the base",
  newly_passing: "passes newly: it failed on the base",
  unknown: "",
};
