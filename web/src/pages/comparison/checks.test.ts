import { describe, expect, test } from "vitest";
import type { Check } from "../../api/types";
import { againstBase, checkCounts, disagreement, testsCaveat } from "./checks";
import { barParts } from "./diff-bar";

function check(kind: Check["kind"], status: Check["status"]): Check {
  return {
    id: kind,
    name: kind,
    kind,
    status,
    summary: "",
    exit_code: null,
    seconds: null,
    against_base: "unknown",
    has_log: false,
    data: {},
  };
}

describe("checks", () => {
  test("lint and size never count as failed or passed", () => {
    const checks = [check("test_command", "passed"), check("lint", "error"), check("size", "passed")];
    expect(checkCounts(checks)).toEqual({ total: 1, bad: 0 });
  });

  test("a side's own tests and the base's disagree only when both ran", () => {
    const both = (own: Check["status"], restored: Check["status"]) =>
      disagreement([check("test_command", own), check("test_command_base_tests", restored)]);
    expect(both("passed", "failed")).toMatch(/^passes the tests as it left them, and fails/);
    expect(both("failed", "passed")).toMatch(/^fails the tests as it left them, and passes/);
    expect(both("passed", "passed")).toBeNull();
    expect(both("failed", "timed_out")).toBeNull();
    expect(both("passed", "error")).toBeNull();
    expect(disagreement([check("test_command", "failed")])).toBeNull();
  });

  test("failing as on the base is not said where other tests fail now", () => {
    const failing = { ...check("test_command", "failed"), against_base: "same" as const };
    expect(againstBase(failing)).toBe("as on the base");
    const tests = { runners: ["pytest"], counts: { newly_failing: 1 } };
    expect(againstBase({ ...failing, data: { tests } })).toMatch(/not by the same tests/);
  });

  test("what could not be told apart is said", () => {
    expect(testsCaveat({ runners: [] })).toMatch(/only the exit code counts/);
    expect(testsCaveat({ runners: ["pytest"], named: "some" })).toBe("Not every test could be told apart.");
    expect(testsCaveat({ runners: ["pytest"], named: "all", base_named: "all" })).toBeNull();
    expect(testsCaveat({ runners: ["pytest"], named: "all", base_named: null })).toBe(
      "The base’s tests could not be told apart.",
    );
  });

  test("the bar never hides that lines were added or removed", () => {
    expect(barParts(0, 0)).toEqual({ added: 0, removed: 0 });
    expect(barParts(1, 0)).toEqual({ added: 1, removed: 0 });
    expect(barParts(1000, 1)).toEqual({ added: 4, removed: 1 });
    expect(barParts(1, 1000)).toEqual({ added: 1, removed: 4 });
    expect(barParts(1, 1)).toEqual({ added: 1, removed: 1 });
    expect(barParts(50, 50)).toEqual({ added: 3, removed: 2 });
  });
});
