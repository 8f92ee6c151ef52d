import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { reviewDraftQuery, saveReviewDraft } from "../../../api/reviews";
import { useRoles } from "../../../api/session";
import type { Comparison, ReviewDraft } from "../../../api/types";
import { type DraftForm, useDraft } from "../../../autosave/use-draft";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Loading } from "../../../components/feedback/Loading";
import { REVIEW_SHAPE, type ReviewText, reviewText, writtenRemarks } from "./review-text";

/** The caller's review of this comparison while it is written; null: they have none to write. */
const ReviewContext = createContext<DraftForm<ReviewText> | null>(null);

export function useReviewWriting(): DraftForm<ReviewText> | null {
  return useContext(ReviewContext);
}

export function useReviews(comparison: Comparison): boolean {
  return useRoles().includes("reviewer") && !comparison.mine && comparison.status === "submitted";
}

/** Above all turns: a review is one, whichever turn is looked at. */
export function ReviewProvider({ comparison, children }: { comparison: Comparison; children: ReactNode }) {
  const reviews = useReviews(comparison);
  const draft = useQuery({ ...reviewDraftQuery(comparison.id), enabled: reviews });
  if (!reviews) return children;
  if (draft.isPending) return <Loading label="Loading your review" />;
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
