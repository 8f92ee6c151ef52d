import type { Check, LintData, Side, SizeData, TestGroup, TestsData } from "../src/api/types.ts";

/** Checks of both sides: one that a side fails, tests that disagree, new findings of linters, sizes. */

function check(side: Side, over: Partial<Check>): Check {
  return {
    id: `${side}-${over.name}`,
    name: "Tests",
    kind: "test_command",
    status: "passed",
    summary: "",
    exit_code: 0,
    seconds: 39.2,
    against_base: "same",
    has_log: true,
    data: {},
    ...over,
  };
}

const MAIN = "mlflow/models/container/__init__.py";

function lint(side: Side, summary: string, data: Partial<LintData>): Check {
  const all: LintData = {
    linters: [{ name: "ruff", version: "0.17.6", files: 15, rules: "repository", note: "" }],
    new: data.findings?.length ?? 0,
    elsewhere: 0,
    gone: 0,
    findings: [],
    unlinted: { ".md": 1, ".yaml": 2 },
    unread: 0,
    rules_changed: [],
    ...data,
  };
  return check(side, {
    name: "Lint of changed lines",
    kind: "lint",
    status: all.new > 0 ? "warning" : "passed",
    summary,
    exit_code: null,
    seconds: 0.6,
    against_base: "unknown",
    has_log: false,
    data: { ...all },
  });
}

function tests(changed: [string, TestGroup, string, number][]): TestsData {
  const counts: Partial<Record<TestGroup, number>> = {};
  for (const [, group] of changed) counts[group] = (counts[group] ?? 0) + 1;
  return {
    runners: ["pytest"],
    named: "failures",
    base_named: "failures",
    counts,
    changed: changed.map(([name, group, base, line]) => ({ name, group, base, now: "failed", line })),
  };
}

function size(side: Side, summary: string, data: SizeData): Check {
  return check(side, {
    name: "Size of the change",
    kind: "size",
    exit_code: null,
    seconds: null,
    summary,
    has_log: false,
    against_base: "unknown",
    data: { ...data },
  });
}

const found = (line: number, rule: string, message: string, on_changed_line = true, path = MAIN) => ({
  path,
  line,
  column: 5,
  rule,
  message,
  linter: "ruff",
  on_changed_line,
});

export const CHECKS: Record<Side, Check[]> = {
  A: [
    check("A", { name: "Tests", summary: "612 passed, 4 skipped", data: { tests: tests([]) } }),
    check("A", {
      name: "Tests, with the base's test files",
      kind: "test_command_base_tests",
      status: "failed",
      exit_code: 1,
      against_base: "newly_failing",
      summary: "2 failed, 610 passed, 4 skipped",
      data: {
        tests: tests([
          [
            "tests/models/test_options.py::test_requirements_file[-r base.txt - nested]",
            "newly_failing",
            "not_failing",
            1204,
          ],
          ["tests/models/test_options.py::test_extra_index_url", "newly_failing", "not_failing", 1243],
        ]),
      },
    }),
    check("A", {
      name: "pip options keep working",
      kind: "acceptance",
      status: "failed",
      exit_code: 1,
      seconds: 3.1,
      against_base: "newly_failing",
      summary: "'-r requirements.txt' reached pip as one argument: pip refused it",
    }),
    check("A", {
      name: "No command is run",
      kind: "acceptance",
      seconds: 2.4,
      against_base: "newly_passing",
      summary: "6 crafted entries, none ran",
    }),
    lint("A", "3 new findings, 1 of them on lines that it did not touch, no linter for .yaml, .md", {
      findings: [
        found(41, "S602", "`subprocess` call with `shell=True` identified, security issue"),
        found(58, "BLE001", "Do not catch blind exception: `Exception`"),
        found(8, "F401", "`shlex` imported but unused", false),
      ],
      elsewhere: 1,
      gone: 1,
      rules_changed: ["pyproject.toml"],
    }),
    size("A", "+70 −47 in 18 files, complexity +2", {
      files: 18,
      added_lines: 70,
      removed_lines: 47,
      added_test_lines: 0,
      complexity: 2,
      most_complex: 14,
      duplicated_lines: 12,
      new_dependencies: [],
      unread: 0,
    }),
  ],
  B: [
    check("B", { name: "Tests", summary: "616 passed, 4 skipped", seconds: 40.8, data: { tests: tests([]) } }),
    check("B", {
      name: "Tests, with the base's test files",
      kind: "test_command_base_tests",
      summary: "612 passed, 4 skipped",
      data: { tests: tests([]) },
    }),
    check("B", { name: "pip options keep working", kind: "acceptance", seconds: 3.4, summary: "5 of 5" }),
    check("B", {
      name: "No command is run",
      kind: "acceptance",
      seconds: 2.6,
      against_base: "newly_passing",
      summary: "6 crafted entries, none ran",
    }),
    lint("B", "no new findings, 2 gone, no linter for .yaml, .md", { gone: 2 }),
    size("B", "+133 −101 in 15 files, complexity +1, new dependencies: packaging", {
      files: 15,
      added_lines: 133,
      removed_lines: 101,
      added_test_lines: 48,
      complexity: 1,
      most_complex: 6,
      duplicated_lines: 0,
      new_dependencies: ["packaging"],
      unread: 0,
    }),
  ],
};

/** A log as long as a chatty test run's, with colours, a progress bar, controls and a failure in it. */
export function checkLog(id: string): string {
  const lines = [`$ python -m pytest -q tests/models   # ${id}`, "10%\r50%\r100%"];
  for (let number = 1; lines.length < 1200; number += 1) {
    lines.push(`INFO step ${number}: prepared \u001b[36mmodel_${number % 17}\u001b[0m in ${number % 9} ms`);
  }
  lines.push(
    "\u001b[31m\u001b[1m________________ test_requirements_file[-r base.txt - nested] ________________\u001b[0m",
    ">       assert run.arguments == ['-r', 'base.txt']",
    "\u001b[31mE       AssertionError: assert ['-r base.txt'] == ['-r', 'base.txt']\u001b[0m",
    "Never interpreted: \u001b[2J\u0007 and \u202egnp.exe",
  );
  const many = id.startsWith("B-") ? 150_000 : 1240;
  while (lines.length < many)
    lines.push(`DEBUG pool ${lines.length}: connection is idle and stays so for a while longer`);
  lines.push(
    "\u001b[31m________________ test_extra_index_url ________________\u001b[0m",
    "E       AssertionError",
    "2 failed",
  );
  return `${lines.join("\n")}\n`;
}
