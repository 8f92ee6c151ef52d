import { Alert, Button, Group, Text } from "@mantine/core";
import { useUndoRating } from "../../api/ratings";
import type { Comparison, Rating, Ratings, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { verdictWords } from "./RatingSummary";

export interface RatedNoticeProps {
  comparison: Comparison;
  turn: Turn;
  rating: Rating;
  ratings: Ratings;
}

/** A slip is noticed just after the click: what was said stands here, with the way back. */
export function RatedNotice({ comparison, turn, rating, ratings }: RatedNoticeProps) {
  const undo = useUndoRating(comparison.id, turn.number);
  if (!ratings.actions.undo_rating.allowed) return null;
  return (
    <Alert color="gray" p="xs" role="status" data-rated tabIndex={-1}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm">
          Turn {turn.number} is rated: <b>{verdictWords(rating)}</b>.
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          style={{ flexShrink: 0 }}
          loading={undo.isPending}
          onClick={() => undo.mutate()}
        >
          Undo the rating
        </Button>
      </Group>
      {undo.error && <ErrorNotice error={undo.error} title="The rating was not taken back" />}
    </Alert>
  );
}
