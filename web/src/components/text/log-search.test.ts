import { describe, expect, test } from "vitest";
import { failureLines, matchingLines, stepTo } from "./log-search";

describe("places in a log", () => {
  test("words are found through colours and whatever their case", () => {
    const lines = ["\u001b[31mFAI\u001b[0mLED a", "ok", "failed b"];
    expect(matchingLines(lines, "failed")).toEqual([0, 2]);
    expect(matchingLines(lines, "  ")).toEqual([]);
  });

  test("failures of common tools are found, a block of them once", () => {
    const lines = [
      "collected 3 items",
      "____ test_bad ____",
      "E   assert 1 == 2",
      "E   more",
      "all good",
      "--- FAIL: TestX (0.00s)",
      "errors are rare here",
      "\u001b[1m\u001b[31mFAILED\u001b[0m tests/a.py::b",
      "main.c:3:5: error: no",
    ];
    expect(failureLines(lines)).toEqual([1, 5, 7]);
  });

  test("stepping goes round the end", () => {
    expect(stepTo([3, 8], 3, 1)).toBe(8);
    expect(stepTo([3, 8], 8, 1)).toBe(3);
    expect(stepTo([3, 8], 3, -1)).toBe(8);
    expect(stepTo([], 3, 1)).toBeUndefined();
  });
});
