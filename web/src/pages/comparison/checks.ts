import type { Check, LintData, Side, SizeData, TestGroup, TestsData, Turn } from "../../api/types";

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
  // As they are planned: a check that one side alone has stands where it belongs all the same.
  return [...rows.values()].sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

const ORDER: Check["kind"][] = ["test_command", "test_command_base_tests", "acceptance", "lint", "size"];

export function isBad(check: Check): boolean {
  return check.status === "failed" || check.status === "error" || check.status === "timed_out";
}

/** Checks that say whether a result works. Lint and size inform; they never fail one. */
export function judges(check: Check): boolean {
  return check.kind !== "size" && check.kind !== "lint";
}

export function checkCounts(checks: Check[]): { total: number; bad: number } {
  const judged = checks.filter((check) => check.status !== "skipped" && judges(check));
  return { total: judged.length, bad: judged.filter(isBad).length };
}

/**
 * Where the repository's tests, as a side left them, and the same with the base's test files put back disagree:
 * in words; null where they agree or one of them did not run.
 */
export function disagreement(checks: Check[]): string | null {
  const own = checks.find((check) => check.kind === "test_command");
  const restored = checks.find((check) => check.kind === "test_command_base_tests");
  if (!own || !restored || own.status === "error" || restored.status === "error") return null;
  if (isBad(own) === isBad(restored)) return null;
  return isBad(restored)
    ? "passes the tests as it left them, and fails with the base’s test files put back"
    : "fails the tests as it left them, and passes with the base’s test files put back";
}

export function lintData(check: Check | null): LintData | null {
  return check?.kind === "lint" && Array.isArray(check.data.findings) ? (check.data as unknown as LintData) : null;
}

export function testsData(check: Check | null): TestsData | null {
  const tests = check?.data.tests as TestsData | undefined;
  return tests && Array.isArray(tests.runners) ? tests : null;
}

/** The groups of changed tests, the worst first, in words. */
export const TEST_GROUPS: { group: TestGroup; words: string; bad: boolean }[] = [
  { group: "newly_failing", words: "newly failing", bad: true },
  { group: "failing", words: "failing", bad: true },
  { group: "still_failing", words: "still failing", bad: false },
  { group: "newly_passing", words: "newly passing", bad: false },
  { group: "no_longer_failing", words: "no longer failing", bad: false },
  { group: "no_longer_run", words: "no longer run", bad: true },
];

/** How far the tests could be told apart, when not wholly: what a reader must not conclude. */
export function testsCaveat(tests: TestsData): string | null {
  if (tests.runners.length === 0) return "The output names no tests in a way Marlin knows; only the exit code counts.";
  if (tests.named === "some") return "Not every test could be told apart.";
  const missing = [
    tests.base_named === null && "the base’s tests could not be told apart",
    tests.base_named === "some" && "not every test of the base could be told apart",
    tests.named === "failures" && (tests.changed?.length ?? 0) > 0 && "passing tests have no names in this output",
  ].filter((part) => part !== false);
  const [first, ...others] = missing;
  return first === undefined ? null : `${[first[0]?.toUpperCase() + first.slice(1), ...others].join("; ")}.`;
}

export function sizeData(check: Check | null): SizeData | null {
  return check?.kind === "size" && typeof check.data.added_lines === "number"
    ? (check.data as unknown as SizeData)
    : null;
}

export const CHECK_KIND: Record<Check["kind"], string> = {
  test_command: "The repository’s tests, as the side left them",
  test_command_base_tests: "The repository’s tests, with the base’s test files put back",
  acceptance: "Acceptance check; neither side has seen it",
  lint: "New findings of linters, under the base’s rules. They inform; they fail nothing",
  size: "Against the base",
};

export const CHECK_STATUS: Record<Check["status"], { label: string; color: string }> = {
  passed: { label: "Passed", color: "green" },
  failed: { label: "Failed", color: "red" },
  error: { label: "Could not run", color: "red" },
  timed_out: { label: "Ran out of time", color: "red" },
  warning: { label: "Warnings", color: "orange" },
  skipped: { label: "Not run", color: "gray" },
};

/** What a check's badge says: a linter that found nothing has not “passed” anything. */
export function statusWords(check: Check): { label: string; color: string } {
  const words = CHECK_STATUS[check.status];
  return check.kind === "lint" && check.status === "passed" ? { ...words, label: "Nothing new" } : words;
}

/** How a check compares with the base, in words. Failing on both is not the same where other tests fail now. */
export function againstBase(check: Check): string {
  const worse = (testsData(check)?.counts?.newly_failing ?? 0) > 0;
  if (check.against_base === "same" && isBad(check) && worse)
    return "failed on the base too, but not by the same tests";
  return AGAINST_BASE[check.against_base];
}

const AGAINST_BASE: Record<Check["against_base"], string> = {
  same: "as on the base",
  newly_failing: "fails newly: it passed on the base",
  newly_passing: "passes newly: it failed on the base",
  unknown: "",
};
