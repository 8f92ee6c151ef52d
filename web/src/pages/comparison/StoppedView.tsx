import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useTurnAction } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { OUTCOME } from "../../components/feedback/status";
import { BriefView } from "./BriefView";
import { SideTag } from "./SideTag";

/** A turn that ended without results to compare: what happened on each side, and the way on. */
export function StoppedView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const cancelled = turn.status === "cancelled";
  const retry = useTurnAction(comparison.id, turn.number, "retry");
  const { allowed, reason } = comparison.actions.retry;
  return (
    <Stack gap="md">
      <Alert
        color={cancelled ? "gray" : "red"}
        title={cancelled ? "This turn was cancelled" : "Neither side came to a result"}
      >
        <Stack gap="xs">
          {(["A", "B"] as const).map((side) => {
            const rollout = turn.sides[side];
            if (!rollout.outcome) return null;
            return (
              <Group key={side} gap="xs" wrap="nowrap" align="flex-start">
                <SideTag side={side} />
                <Text size="sm">
                  <b>{OUTCOME[rollout.outcome]}.</b> {rollout.outcome_message}
                </Text>
              </Group>
            );
          })}
          {retry.error && <ErrorNotice error={retry.error} title="The turn did not start again" />}
          {allowed ? (
            <Group>
              <Button size="sm" loading={retry.isPending} onClick={() => retry.mutate()}>
                Start the turn again
              </Button>
              <Text size="sm" c="dimmed">
                From the same files and the same prompt.
              </Text>
            </Group>
          ) : (
            reason && <Text size="sm">{reason}</Text>
          )}
        </Stack>
      </Alert>
      <BriefView comparison={comparison} turn={turn} />
    </Stack>
  );
}
