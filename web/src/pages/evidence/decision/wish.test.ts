import { describe, expect, it } from "vitest";
import type { Question } from "../../../api/evidence-types";
import { changes } from "./changes";
import { carried, faults, isDraft, startFrom, stillThere, wishOf } from "./wish";

const QUESTION: Question = {
  version: 1,
  arms: ["old", "new"],
  axis: "overall",
  smallest_share: 0.55,
  alpha: 0.05,
  power: 0.8,
  most_comparisons: 600,
  looks: 10,
  sides: 2,
  icc: 0,
  contributors: null,
  equal_share: 0,
  control: "checks_passed",
  counts: "strength",
  when_decided: "tell",
  accepted_before: 0,
  reason: "",
  registered_by_id: null,
  created_at: "2026-10-02T09:14:00Z",
};

describe("a question that is being made", () => {
  it("begins with the first two arms and with what is asked most", () => {
    const wish = wishOf(startFrom(null, ["old", "new", "third"]));
    expect(wish).toMatchObject({ arms: ["old", "new"], smallest_share: 0.55, alpha: 0.05, power: 0.8, looks: 10 });
  });
  it("goes round from a registered one without losing a digit", () => {
    const wish = wishOf(startFrom({ ...QUESTION, smallest_share: 0.5725, alpha: 0.001 }, []));
    expect(wish).toMatchObject({
      smallest_share: 0.5725,
      alpha: 0.001,
      most_comparisons: 600,
      control: "checks_passed",
      counts: "strength",
    });
  });
  it("is not planned while it can't be", () => {
    expect(wishOf(startFrom(null, ["only"]))).toBeNull();
    const draft = startFrom(QUESTION, []);
    for (const wrong of [
      { smallest: 50 },
      { alpha: "" },
      { power: 100 },
      { most: 9 },
      { looks: 2.5 },
      { second: "old" },
    ]) {
      expect(wishOf({ ...draft, ...wrong })).toBeNull();
      expect(Object.keys(faults({ ...draft, ...wrong }, false))).toEqual(Object.keys(wrong));
    }
  });
  it("has a cap only if one is wished, and says who takes part if their votes are alike", () => {
    const draft = startFrom(null, ["old", "new"]);
    expect(wishOf(draft)).toMatchObject({
      most_comparisons: null,
      icc: 0,
      contributors: null,
      equal_share: 0,
      sides: 2,
    });
    expect(faults({ ...draft, icc: 0.1 }, false)).toHaveProperty("contributors");
    expect(wishOf({ ...draft, icc: 0.1, contributors: 20, equal: 12 })).toMatchObject({
      icc: 0.1,
      contributors: 20,
      equal_share: 0.12,
    });
  });
  it("needs a reason only to be amended, and is planned without one", () => {
    const draft = startFrom(QUESTION, []);
    expect(faults(draft, false)).toEqual({});
    expect(faults({ ...draft, reason: "  " }, true)).toHaveProperty("reason");
    expect(wishOf(draft)).not.toBeNull();
  });
});

describe("changes", () => {
  it("say before and after of what is different, and only that", () => {
    expect(changes({ ...QUESTION, most_comparisons: 780, looks: 8 }, QUESTION)).toEqual([
      "cap: 600 → 780",
      "looks: 10 → 8",
    ]);
    expect(changes(QUESTION, QUESTION)).toEqual([]);
    expect(changes({ ...QUESTION, contributors: 20, icc: 0.05, equal_share: 0.1 }, QUESTION)).toHaveLength(3);
  });
});

describe("a draft that was kept", () => {
  it("is taken only if it is one", () => {
    const draft = startFrom(null, ["a", "b"]);
    expect(isDraft(JSON.parse(JSON.stringify(draft)))).toBe(true);
    for (const other of [null, [], "text", {}, { ...draft, sides: 3 }, { ...draft, alpha: null }]) {
      expect(isDraft(other)).toBe(false);
    }
  });

  it("takes back nothing of a newer version but what its person had changed", () => {
    const from = startFrom(QUESTION, []);
    const typed = { ...from, alpha: 1, reason: "To be surer." };
    const onto = startFrom({ ...QUESTION, version: 2, looks: 5, alpha: 0.1, reason: "Fewer looks." }, []);
    expect(carried(typed, from, onto)).toEqual({ ...from, looks: 5, alpha: 1, reason: "To be surer." });
  });

  it("names no arm and no axis that is gone", () => {
    const draft = { ...startFrom(null, ["a", "b"]), axis: "speed", reason: "why" };
    expect(stillThere(draft, ["b"], ["overall"])).toMatchObject({
      first: null,
      second: "b",
      axis: "overall",
      reason: "why",
    });
  });
});
