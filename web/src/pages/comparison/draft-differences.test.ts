import { describe, expect, it } from "vitest";
import type { RatingAnswers, Rubric } from "../../api/types";
import { differences, merged } from "./draft-differences";
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

describe("two versions of a rating", () => {
  it("differ where they differ", () => {
    expect(differences(rubric, mine, mine)).toEqual([]);
    expect(differences(rubric, mine, theirs).map((one) => [one.field, one.mine, one.theirs])).toEqual([
      ["axes.security", "B is better", "A is slightly better"],
      ["overall", "not answered", "Equal"],
      ["justification", "Quotes.", "Escapes."],
    ]);
  });

  it("are put together as chosen", () => {
    expect(merged(mine, theirs, {})).toEqual(mine);
    const all = { "axes.security": "theirs", overall: "theirs", justification: "theirs" } as const;
    expect(merged(mine, theirs, all)).toEqual(theirs);
    const both = merged(mine, theirs, { justification: "both" });
    expect(both.justification).toBe("Quotes.\nEscapes.");
    expect(
      merged(mine, { ...theirs, justification: "Quotes. And more" }, { justification: "both" }).justification,
    ).toBe("Quotes. And more");
  });
});
