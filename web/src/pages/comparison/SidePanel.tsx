import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ratingsQuery } from "../../api/ratings";
import type { Comparison, Rating, RatingDraft, Ratings, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CommentsPanel } from "./evidence/CommentsPanel";
import { useCommentEntries, useComments } from "./evidence/comments";
import { usePromptSink } from "./evidence/prompt-sink";
import { NextStep } from "./NextStep";
import classes from "./Panel.module.css";
import { isClosed, mayChange, panelMode } from "./panel-mode";
import { RatedNotice } from "./RatedNotice";
import { RatingForm } from "./RatingForm";
import { RatingSkeleton } from "./RatingSkeleton";
import { RatingSummary } from "./RatingSummary";
import { ReviewForm } from "./review/ReviewForm";
import { ReviewNotice } from "./review/ReviewNotice";
import { useReviewWriting } from "./review/ReviewProvider";

export type PanelPart = "rating" | "comments";

export interface SidePanelProps {
  comparison: Comparison;
  turn: Turn;
  part: PanelPart;
  onPart: (part: PanelPart) => void;
}

/** Beside the results, always in reach: rate, read the rating, comments, go on, submit, review. */
export function SidePanel({ comparison, turn, part, onPart }: SidePanelProps) {
  const ratings = useQuery(ratingsQuery(comparison.id));
  const { store } = useComments();
  const count = useCommentEntries(store, comparison.id).length;
  if (ratings.isPending) return <RatingSkeleton />;
  if (ratings.data === undefined) {
    return (
      <ErrorNotice error={ratings.error} title="The rating can’t be shown" onRetry={() => void ratings.refetch()} />
    );
  }
  const entry = ratings.data.turns[String(turn.number)] ?? { rating: null, draft: null };
  return (
    <div className={classes.panel}>
      <div className={classes.parts}>
        <SegmentedControl
          data-panel-switch
          size="xs"
          fullWidth
          aria-label="What the panel shows"
          value={part}
          onChange={(next) => onPart(next as PanelPart)}
          data={[
            { value: "rating", label: `Turn ${turn.number}` },
            { value: "comments", label: count === 0 ? "Comments" : `Comments (${count})` },
          ]}
        />
      </div>
      {/* The form stays where it is while the comments are read: nothing typed, no place in it is lost. */}
      <div className={classes.part} hidden={part !== "rating"}>
        <Content key={turn.number} comparison={comparison} turn={turn} ratings={ratings.data} {...entry} />
      </div>
      {part === "comments" && (
        <div className={classes.body}>
          <CommentsOf comparison={comparison} ratings={ratings.data} onPart={onPart} />
        </div>
      )}
    </div>
  );
}

/** Comments can go into the next prompt as soon as there is one to write. */
function CommentsOf({
  comparison,
  ratings,
  onPart,
}: Pick<SidePanelProps, "comparison" | "onPart"> & { ratings: Ratings }) {
  const last = comparison.turns.at(-1);
  const rated = last !== undefined && ratings.turns[String(last.number)]?.rating != null;
  const possible = comparison.actions.follow_up.allowed && rated;
  const sink = usePromptSink();
  const use = (text: string) => {
    sink.add(text);
    onPart("rating");
  };
  return <CommentsPanel onUse={possible ? use : null} />;
}

interface ContentProps {
  comparison: Comparison;
  turn: Turn;
  ratings: Ratings;
  rating: Rating | null;
  draft: RatingDraft | null;
}

function Content({ comparison, turn, ratings, rating, draft }: ContentProps) {
  const [changing, setChanging] = useState(false);
  const mode = panelMode(comparison, turn, rating);
  const rates = mode === "rate" || (changing && rating !== null);
  if (rates) {
    return (
      <RatingForm
        comparison={comparison}
        turn={turn}
        draft={draft}
        before={rating}
        onDone={rating ? () => setChanging(false) : undefined}
      />
    );
  }
  // After a return a rating is changed and keeps its versions; taking it back would be a second way to the same form.
  const changeable = mayChange(comparison, ratings, rating);
  const change = changeable && (
    <Button data-rated size="sm" variant="default" onClick={() => setChanging(true)}>
      Change the rating
    </Button>
  );
  return (
    <section className={classes.body} tabIndex={isClosed(comparison) ? 0 : undefined} aria-label="Review and answers">
      <Stack gap="lg">
        <ReviewPart comparison={comparison} />
        {mode === "next" && rating && (
          <>
            {!changeable && <RatedNotice comparison={comparison} turn={turn} rating={rating} ratings={ratings} />}
            {change}
            <NextStep comparison={comparison} rating={rating} actions={ratings.actions} />
          </>
        )}
        {mode !== "next" && change}
        {rating ? (
          <RatingSummary comparison={comparison} turn={turn.number} rating={rating} />
        ) : (
          <Text size="sm" c="dimmed">
            {ratings.actions.rate.reason ?? "This turn is not rated."}
          </Text>
        )}
      </Stack>
    </section>
  );
}

/** A reviewer's form when this waits for review by them, else what became of it. */
function ReviewPart({ comparison }: { comparison: Comparison }) {
  const writing = useReviewWriting();
  return writing ? <ReviewForm comparison={comparison} form={writing} /> : <ReviewNotice comparison={comparison} />;
}
