import { describe, expect, test } from "vitest";
import type { Comparison, ComparisonStatus, Rating, Ratings, Turn, TurnStatus } from "../../api/types";
import { mayChange, panelMode } from "./panel-mode";

const rating = { id: "r" } as Rating;

function turn(number: number, status: TurnStatus = "ready"): Turn {
  return { number, status } as Turn;
}
function comparison(status: ComparisonStatus, turns = [turn(1)]): Comparison {
  return { status, turns } as Comparison;
}
function ratings(rate: boolean): Ratings {
  const no = { allowed: false, reason: null };
  return { turns: {}, actions: { rate: { allowed: rate, reason: null }, undo_rating: no, submit: no } };
}

describe("the panel", () => {
  test.each(["queued", "running", "failed", "cancelled"] as const)("waits while a turn is %s", (status) => {
    expect(panelMode(comparison("running"), ratings(true), turn(1, status), null)).toBe("wait");
  });

  test("offers to rate the last turn, and what comes next once it is rated", () => {
    expect(panelMode(comparison("to_rate"), ratings(true), turn(1), null)).toBe("rate");
    expect(panelMode(comparison("rated"), ratings(false), turn(1), rating)).toBe("next");
  });

  test("earlier turns are for reading", () => {
    const two = comparison("to_rate", [turn(1), turn(2)]);
    expect(panelMode(two, ratings(true), turn(1), rating)).toBe("read");
    expect(panelMode(two, ratings(true), turn(2), null)).toBe("rate");
  });

  test.each(["submitted", "accepted", "cancelled"] as const)("a %s comparison is for reading", (status) => {
    expect(panelMode(comparison(status), ratings(true), turn(1), rating)).toBe("read");
    expect(mayChange(comparison(status), ratings(true), rating)).toBe(false);
  });

  test("somebody who may not rate reads", () => {
    expect(panelMode(comparison("to_rate"), ratings(false), turn(1), null)).toBe("read");
  });

  test("after a return any rating may be replaced", () => {
    expect(mayChange(comparison("returned"), ratings(true), rating)).toBe(true);
    expect(mayChange(comparison("returned"), ratings(true), null)).toBe(false);
  });
});
