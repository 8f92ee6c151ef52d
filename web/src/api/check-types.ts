/** What checks tell of a result. `types.ts` hands these on; import them from there. */

export interface Check {
  id: string;
  name: string;
  kind: "test_command" | "test_command_base_tests" | "acceptance" | "lint" | "size";
  /** warning and skipped: of lint alone, which never fails a result. */
  status: "passed" | "failed" | "error" | "timed_out" | "warning" | "skipped";
  summary: string;
  exit_code: number | null;
  seconds: number | null;
  against_base: "same" | "newly_failing" | "newly_passing" | "unknown";
  has_log: boolean;
  /** What belongs to its kind: LintData, SizeData, or `tests` with TestsData. */
  data: Record<string, unknown>;
}

export interface LintFinding {
  path: string;
  line: number;
  column: number;
  rule: string;
  message: string;
  linter: string;
  /** False: the change brought it about on a line that it did not touch. */
  on_changed_line: boolean;
}

export interface LintData {
  /** rules: whose they are. */
  linters: { name: string; version: string; files: number; rules: "repository" | "marlin" | "both"; note: string }[];
  new: number;
  elsewhere: number;
  gone: number;
  /** The first of them; `new` counts all. */
  findings: LintFinding[];
  /** Files that no linter reads, by the end of their name. */
  unlinted: Record<string, number>;
  unread: number;
  rules_changed: string[];
}

/** A test that fails, or whose outcome is another than on the base. */
export interface ChangedTest {
  name: string;
  group: TestGroup;
  /** passed, failed, not_run; not_failing where only failing tests are named; unknown where not even these. */
  base: string;
  now: string;
  /** Where the log speaks of it, from 1. */
  line: number | null;
}

export type TestGroup =
  | "newly_failing"
  | "failing"
  | "still_failing"
  | "newly_passing"
  | "no_longer_failing"
  | "no_longer_run";

export interface TestsData {
  /** Whose output was read; empty where no known runner spoke. */
  runners: string[];
  named?: "all" | "failures" | "some";
  base_named?: "all" | "failures" | "some" | null;
  counts?: Partial<Record<TestGroup, number>>;
  /** The first of them; `counts` counts all. */
  changed?: ChangedTest[];
}

export interface SizeData {
  files: number;
  added_lines: number;
  removed_lines: number;
  added_test_lines: number;
  complexity: number;
  most_complex: number;
  duplicated_lines: number;
  new_dependencies: string[];
  unread: number;
  /** Files whose functions could not be counted in time; older results do not say. */
  uncounted?: number;
}
