import { Button, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Comparison, Rating, Ratings } from "../../api/types";
import { FollowUp } from "./FollowUp";
import { SubmitDialog } from "./SubmitDialog";
import { TurnProgress } from "./TurnProgress";

/** After a rating: another turn, or submit. Which of the two is offered first depends on the turns still needed. */
export function NextStep({
  comparison,
  rating,
  actions,
}: {
  comparison: Comparison;
  rating: Rating;
  actions: Ratings["actions"];
}) {
  const [submitting, dialog] = useDisclosure(false);
  const { follow_up } = comparison.actions;
  const { submit } = actions;
  return (
    <Stack gap="sm">
      <TurnProgress done={comparison.turns.length} least={comparison.campaign.min_turns} />
      {follow_up.allowed ? (
        <FollowUp comparison={comparison} rating={rating} />
      ) : (
        follow_up.reason && (
          <Text size="sm" c="dimmed">
            {follow_up.reason}
          </Text>
        )
      )}
      {submit.allowed ? (
        <Button data-next-step onClick={dialog.open} variant={follow_up.allowed ? "light" : "filled"} fullWidth>
          Submit the comparison…
        </Button>
      ) : (
        submit.reason && (
          <Text size="xs" c="dimmed">
            {submit.reason}
          </Text>
        )
      )}
      <SubmitDialog comparison={comparison.id} opened={submitting} onClose={dialog.close} />
    </Stack>
  );
}
