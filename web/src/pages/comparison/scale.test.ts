import { describe, expect, test } from "vitest";
import type { Rubric } from "../../api/types";
import {
  anchor,
  EMPTY_ANSWERS,
  gaps,
  keyOfPoint,
  POINTS,
  pointOfKey,
  pointWords,
  sideOf,
  withOverall,
  withVerdict,
} from "./scale";

const axis = {
  name: "security",
  label: "Security",
  description: "",
  anchors: { "-3": "A far safer", "+2": "B safer" },
};
const rubric: Rubric = { version: 1, axes: [axis] };

describe("the scale", () => {
  test("keys 1 to 7 go from A to B", () => {
    expect(["1", "2", "3", "4", "5", "6", "7"].map(pointOfKey)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(POINTS.map(keyOfPoint)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  test.each(["0", "8", "12", "a", "", "Enter"])("key %j chooses nothing", (key) => {
    expect(pointOfKey(key)).toBeNull();
  });

  test("negative is A, positive is B, and each point has words", () => {
    expect([-3, 0, 2].map(sideOf)).toEqual(["A", null, "B"]);
    expect(pointWords(-3)).toBe("A is much better");
    expect(pointWords(1)).toBe("B is slightly better");
  });

  test("the rubric's own words are used where it has some", () => {
    expect(anchor(axis, -3)).toBe("A far safer");
    expect(anchor(axis, 2)).toBe("B safer");
    expect(anchor(axis, 1)).toBeNull();
  });
});

describe("a rating", () => {
  test("a point away from the middle is a preference", () => {
    expect(withOverall(EMPTY_ANSWERS, -2)).toMatchObject({ overall: -2, verdict: "preference" });
  });

  test("a tie is always named, and takes the preference back", () => {
    const preferred = withOverall(EMPTY_ANSWERS, 3);
    expect(withVerdict(preferred, "both_bad")).toMatchObject({ overall: 0, verdict: "both_bad" });
    expect(withOverall(EMPTY_ANSWERS, 0)).toMatchObject({ overall: 0, verdict: "equal" });
  });

  test("gaps are listed in the order of the form", () => {
    expect(gaps(rubric, EMPTY_ANSWERS).map((gap) => gap.field)).toEqual(["axes.security", "overall", "justification"]);
  });

  test("only a preference was decided by an axis, and only where the rubric asks", () => {
    const preferred = { ...withOverall(EMPTY_ANSWERS, 2), axes: { security: 1 }, justification: "because" };
    expect(gaps(rubric, preferred).map((gap) => gap.field)).toEqual(["key_axis"]);
    expect(gaps({ ...rubric, requires_key_axis: false }, preferred)).toEqual([]);
    expect(gaps(rubric, { ...preferred, axes: { security: null } }).map((gap) => gap.field)[0]).toBe("axes.security");
  });

  test("a complete one has no gap; zero counts as an answer", () => {
    const answers = { ...withVerdict(EMPTY_ANSWERS, "equal"), axes: { security: 0 }, key_axis: "security" };
    expect(gaps({ ...rubric, requires_justification: false }, answers)).toEqual([]);
    expect(gaps(rubric, { ...answers, justification: "  " }).map((gap) => gap.field)).toEqual(["justification"]);
  });
});
