import { describe, expect, test } from "vitest";
import type { Comparison, ComparisonStatus, Rating, Ratings, Turn, TurnStatus } from "../../api/types";
import { mayChange, panelMode } from "./panel-mode";

const rating = { id: "r" } as Rating;

function turn(number: number, status: TurnStatus = "ready"): Turn {
  return { number, status } as Turn;
}
function comparison(status: ComparisonStatus, turns = [turn(1)]): Comparison {
  return { status, turns, mine: true } as Comparison;
}
function ratings(rate: boolean): Ratings {
  const no = { allowed: false, reason: null };
  return { turns: {}, actions: { rate: { allowed: rate, reason: null }, undo_rating: no, submit: no } };
}

describe("the panel", () => {
  test.each(["queued", "running", "failed", "cancelled"] as const)("waits while a turn is %s", (status) => {
    expect(panelMode(comparison("running"), turn(1, status), null)).toBe("wait");
  });

  test("offers to rate the last turn, and what comes next once it is rated", () => {
    expect(panelMode(comparison("to_rate"), turn(1), null)).toBe("rate");
    expect(panelMode(comparison("rated"), turn(1), rating)).toBe("next");
  });

  test("earlier turns are for reading", () => {
    const two = comparison("to_rate", [turn(1), turn(2)]);
    expect(panelMode(two, turn(1), rating)).toBe("read");
    expect(panelMode(two, turn(2), null)).toBe("rate");
  });

  test.each(["submitted", "accepted", "rejected", "disputed", "cancelled"] as const)(
    "a %s comparison is for reading",
    (status) => {
      expect(panelMode(comparison(status), turn(1), rating)).toBe("read");
      expect(mayChange(comparison(status), ratings(true), rating)).toBe(false);
    },
  );

  test("somebody who may not rate reads", () => {
    expect(panelMode({ ...comparison("to_rate"), mine: false }, turn(1), null)).toBe("read");
  });

  test("what is being written stays when the checks end", () => {
    const during = comparison("running", [turn(1, "checking")]);
    expect(panelMode(during, turn(1, "checking"), null)).toBe("rate");
    expect(panelMode(comparison("to_rate"), turn(1), null)).toBe("rate");
  });

  test("after a return any rating may be replaced", () => {
    expect(mayChange(comparison("returned"), ratings(true), rating)).toBe(true);
    expect(mayChange(comparison("returned"), ratings(true), null)).toBe(false);
  });
});
