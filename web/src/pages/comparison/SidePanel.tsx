import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ratingsQuery, useUndoRating } from "../../api/ratings";
import { reviewQueueQuery } from "../../api/reviews";
import { useRoles } from "../../api/session";
import type { Comparison, Rating, RatingDraft, Ratings, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { NextStep } from "./NextStep";
import classes from "./Panel.module.css";
import { mayChange, panelMode } from "./panel-mode";
import { RatingForm } from "./RatingForm";
import { RatingSummary } from "./RatingSummary";
import { ReviewForm } from "./ReviewForm";
import { ReviewNotice } from "./ReviewNotice";

/** Beside the results, always in reach: rate, read the rating, go on, submit, review. */
export function SidePanel({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const ratings = useQuery(ratingsQuery(comparison.id));
  if (ratings.isPending) return <Loading label="Loading the rating" />;
  if (ratings.data === undefined) {
    return (
      <ErrorNotice error={ratings.error} title="The rating can’t be shown" onRetry={() => void ratings.refetch()} />
    );
  }
  const entry = ratings.data.turns[String(turn.number)] ?? { rating: null, draft: null };
  return <Content key={turn.number} comparison={comparison} turn={turn} ratings={ratings.data} {...entry} />;
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
  return (
    <div className={classes.panel}>
      <div className={classes.head}>
        <Title order={2} fz="sm">
          {rates ? `Rate turn ${turn.number}` : `Turn ${turn.number}`}
        </Title>
        {rating && !changing && mode === "next" && ratings.actions.undo_rating.allowed && (
          <UndoButton comparison={comparison.id} turn={turn.number} />
        )}
        {!changing && mayChange(comparison, ratings, rating) && (
          <Button size="compact-xs" variant="default" onClick={() => setChanging(true)}>
            Change the rating
          </Button>
        )}
      </div>
      {rates ? (
        <RatingForm
          comparison={comparison}
          turn={turn}
          draft={draft}
          before={rating}
          onDone={rating ? () => setChanging(false) : undefined}
        />
      ) : (
        <div className={classes.body}>
          <Stack gap="lg">
            <ReviewPart comparison={comparison} />
            {mode === "next" && rating && (
              <NextStep comparison={comparison} rating={rating} actions={ratings.actions} />
            )}
            {rating ? (
              <RatingSummary rating={rating} rubric={comparison.campaign.rubric} />
            ) : (
              <Text size="sm" c="dimmed">
                {ratings.actions.rate.reason ?? "This turn is not rated."}
              </Text>
            )}
          </Stack>
        </div>
      )}
    </div>
  );
}

/** A reviewer's form when this waits for review by them, else what became of it. */
function ReviewPart({ comparison }: { comparison: Comparison }) {
  const reviewer = useRoles().includes("reviewer");
  const queue = useQuery({ ...reviewQueueQuery, enabled: reviewer && comparison.status === "submitted" });
  const mine = queue.data?.some((entry) => entry.comparison_id === comparison.id) ?? false;
  return mine ? <ReviewForm comparison={comparison.id} /> : <ReviewNotice comparison={comparison} />;
}

function UndoButton({ comparison, turn }: { comparison: string; turn: number }) {
  const undo = useUndoRating(comparison, turn);
  return (
    <Group gap="xs">
      {undo.error && (
        <Text size="xs" c="red" role="alert">
          {undo.error.message}
        </Text>
      )}
      <Button size="compact-xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
        Undo the rating
      </Button>
    </Group>
  );
}
