import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { reviewDraftQuery, reviewsQuery, saveReviewDraft } from "../../../api/reviews";
import { useRoles } from "../../../api/session";
import type { Comparison, ReviewDraft } from "../../../api/types";
import { type DraftForm, useDraft } from "../../../autosave/use-draft";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { ComparisonSkeleton } from "../ComparisonSkeleton";
import { REVIEW_SHAPE, type ReviewText, reviewText, writtenRemarks } from "./review-text";

/** The caller's review of this comparison while it is written; null: they have none to write. */
const ReviewContext = createContext<DraftForm<ReviewText> | null>(null);

export function useReviewWriting(): DraftForm<ReviewText> | null {
  return useContext(ReviewContext);
}

/**
 * Whether the caller is to decide on this: a reviewer on what was submitted; on a dispute an operator, too, but not
 * whoever rejected it. Null: not known yet.
 */
export function useReviews(comparison: Comparison): boolean | null {
  const roles = useRoles();
  const disputed = comparison.status === "disputed";
  const reviewer = roles.includes("reviewer") && (disputed || comparison.status === "submitted");
  const may = !comparison.mine && (reviewer || (disputed && roles.includes("operator")));
  const reviews = useQuery({ ...reviewsQuery(comparison.id), enabled: may && disputed });
  if (!may || !disputed) return may;
  if (reviews.data === undefined) return reviews.isError ? false : null;
  return reviews.data[0]?.mine === false;
}

/** Above all turns: a review is one, whichever turn is looked at. */
export function ReviewProvider({ comparison, children }: { comparison: Comparison; children: ReactNode }) {
  const reviews = useReviews(comparison);
  const draft = useQuery({ ...reviewDraftQuery(comparison.id), enabled: reviews === true });
  if (reviews === false) return children;
  if (reviews === null || draft.isPending) return <ComparisonSkeleton />;
  if (draft.data === undefined) {
    return <ErrorNotice error={draft.error} title="Your review can’t be loaded" onRetry={() => void draft.refetch()} />;
  }
  return (
    <Writing comparison={comparison.id} draft={draft.data}>
      {children}
    </Writing>
  );
}

function stored(draft: ReviewDraft) {
  return { value: reviewText(draft), revision: draft.revision };
}

function Writing({ comparison, draft, children }: { comparison: string; draft: ReviewDraft; children: ReactNode }) {
  const form = useDraft<ReviewText, number>(() => ({
    keepAs: `review/${comparison}`,
    shape: REVIEW_SHAPE,
    stored: stored(draft),
    send: async (text, { revision }, keepalive) => {
      const body = { revision, comments: text.comments, remarks: writtenRemarks(text) };
      return stored(await saveReviewDraft(comparison, body, keepalive));
    },
    newer: async ({ details }) => (details.draft ? stored(details.draft as ReviewDraft) : null),
  }));
  const { value, save, conflict, change, flush, resolve, isHeld } = form;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ways to change it do the same in every rendering
  const writing = useMemo(() => ({ value, save, conflict, change, flush, resolve, isHeld }), [value, save, conflict]);
  return <ReviewContext.Provider value={writing}>{children}</ReviewContext.Provider>;
}
