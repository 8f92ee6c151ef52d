import { describe, expect, it } from "vitest";
import type { RatingAnswers, Rubric } from "../../api/types";
import { reconcile } from "../../autosave/reconcile";
import { RATING_SHAPE, ratingDifferences } from "./rating-shape";
import { EMPTY_ANSWERS } from "./scale";

const rubric: Rubric = { version: 1, axes: [{ name: "security", label: "Security", description: "", anchors: {} }] };
const mine: RatingAnswers = { ...EMPTY_ANSWERS, axes: { security: 2 }, justification: "Quotes." };
const theirs: RatingAnswers = {
  ...mine,
  axes: { security: -1 },
  overall: 0,
  verdict: "equal",
  justification: "Escapes.",
};

describe("a rating by field", () => {
  it("is put together as it was", () => {
    for (const answers of [EMPTY_ANSWERS, mine, theirs])
      expect(RATING_SHAPE.join(RATING_SHAPE.split(answers))).toEqual(answers);
  });

  it("takes the overall score from where its verdict is taken", () => {
    const base = RATING_SHAPE.split(EMPTY_ANSWERS);
    const { merged, conflicts } = reconcile(base, RATING_SHAPE.split(EMPTY_ANSWERS), RATING_SHAPE.split(theirs));
    expect(conflicts).toEqual([]);
    expect(RATING_SHAPE.join(merged)).toMatchObject({ overall: 0, verdict: "equal" });
  });

  it("says in words what is to be chosen", () => {
    const fields = ["axes.security", "overall", "justification"];
    const words = ratingDifferences(rubric, fields, mine, theirs).map(({ label, mine, theirs, words = String }) => [
      label,
      words(mine),
      words(theirs),
    ]);
    expect(words).toEqual([
      ["Security", "B is better", "A is slightly better"],
      ["Overall", "not answered", "Equal"],
      ["Why", "Quotes.", "Escapes."],
    ]);
  });
});
