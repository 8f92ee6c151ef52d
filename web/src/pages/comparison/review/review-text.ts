import type { ReviewDraft, WrittenRemark } from "../../../api/types";
import type { Shape } from "../../../autosave/draft";
import type { Difference } from "../../../components/drafts/MergeDrafts";
import { fieldWords } from "../evidence/use-go-to-finding";

/** A review while it is written. Pure. `remarks`: by turn and field, in the order they were begun. */
export interface ReviewText {
  comments: string;
  remarks: Readonly<Record<string, string>>;
}

export function remarkKey(turn: number, field: string): string {
  return `${turn}/${field}`;
}

export function placeOfRemark(key: string): { turn: number; field: string } {
  const at = key.indexOf("/");
  return { turn: Number(key.slice(0, at)), field: key.slice(at + 1) };
}

export function reviewText({ comments, remarks }: Pick<ReviewDraft, "comments" | "remarks">): ReviewText {
  return {
    comments,
    remarks: Object.fromEntries(remarks.map(({ turn, field, text }) => [remarkKey(turn, field), text])),
  };
}

export function writtenRemarks({ remarks }: ReviewText): WrittenRemark[] {
  return Object.entries(remarks).map(([key, text]) => ({ ...placeOfRemark(key), text }));
}

/** Those that say something. */
export function saidRemarks(text: ReviewText): WrittenRemark[] {
  return writtenRemarks(text).filter((remark) => remark.text.trim() !== "");
}

/** Each remark is a text of its own, so that two windows can write different ones. */
export const REVIEW_SHAPE: Shape<ReviewText> = {
  split: ({ comments, remarks }) => ({ comments, ...remarks }),
  join: ({ comments, ...remarks }) => ({
    comments: String(comments ?? ""),
    // One that was taken away in one window and left alone in the other is gone.
    remarks: Object.fromEntries(
      Object.entries(remarks).flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])),
    ),
  }),
};

export function reviewDifferences(fields: readonly string[], mine: ReviewText, theirs: ReviewText): Difference[] {
  const here = REVIEW_SHAPE.split(mine);
  const there = REVIEW_SHAPE.split(theirs);
  return fields.map((field) => ({
    field,
    label: field === "comments" ? "Comments to the contributor" : `Remark on ${placeWordsOf(field)}`,
    mine: here[field],
    theirs: there[field],
  }));
}

export function placeWordsOf(key: string): string {
  const { turn, field } = placeOfRemark(key);
  return `${fieldWords(field)} in turn ${turn}`;
}
