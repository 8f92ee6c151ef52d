import { describe, expect, it } from "vitest";
import { reconcile } from "../../../autosave/reconcile";
import { REVIEW_SHAPE, reviewDifferences, reviewText, saidRemarks, writtenRemarks } from "./review-text";

const draft = {
  comments: "Turn 2 first.",
  remarks: [
    { turn: 1, field: "axes.security", text: "Is 0 not right?" },
    { turn: 2, field: "justification", text: " " },
  ],
};

describe("a review by text", () => {
  const text = reviewText(draft);

  it("is put together as it was", () => {
    expect({ comments: text.comments, remarks: writtenRemarks(text) }).toEqual(draft);
    expect(REVIEW_SHAPE.join(REVIEW_SHAPE.split(text))).toEqual(text);
  });

  it("sends no remark that says nothing", () => {
    expect(saidRemarks(text)).toEqual(draft.remarks.slice(0, 1));
  });

  it("takes in a remark that was begun in another window, and drops one that was taken away there", () => {
    const base = REVIEW_SHAPE.split(text);
    const theirs = REVIEW_SHAPE.split({ ...text, remarks: { "2/prompt": "Name the file." } });
    const { merged, conflicts } = reconcile(base, base, theirs);
    expect(conflicts).toEqual([]);
    expect(REVIEW_SHAPE.join(merged).remarks).toEqual({ "2/prompt": "Name the file." });
  });

  it("says which remark two windows wrote differently", () => {
    const other = { ...text, remarks: { ...text.remarks, "1/axes.security": "Why 0?" } };
    expect(reviewDifferences(["1/axes.security"], text, other)).toEqual([
      {
        field: "1/axes.security",
        label: "Remark on security in turn 1",
        mine: "Is 0 not right?",
        theirs: "Why 0?",
      },
    ]);
  });
});
