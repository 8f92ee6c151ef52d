import { Button, Grid, Group, Modal, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTurnAction } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { BriefView } from "./BriefView";
import { Expectation } from "./Expectation";
import { LivePanes } from "./LivePanes";
import { useLive } from "./use-live";
import classes from "./WorkingView.module.css";

/** While both sides work. Together: nothing tells who is faster. Live: both transcripts stream. */
export function WorkingView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const live = useLive(comparison.id, turn.number, true);
  const watching = comparison.campaign.reveal === "live";
  return (
    <div className={classes.view}>
      <Paper withBorder p="md" bg="var(--app-surface)">
        <Group justify="space-between" gap="md">
          <Group gap="md" wrap="nowrap">
            <div className={classes.swimmers} aria-hidden>
              <span data-side="A" />
              <span data-side="B" />
            </div>
            <div role="status">
              <Text fw={600}>{turn.status === "queued" ? "Waiting for a free worker" : "Both sides are at work"}</Text>
              <Text size="sm" c="dimmed">
                {watching
                  ? "You can watch them below. Checks run on both results at the end."
                  : "Both results appear together; then their checks run. You can leave this page; nothing is lost."}
                {!live.connected && " The live connection is interrupted and is being taken up again."}
              </Text>
            </div>
          </Group>
          {comparison.actions.cancel.allowed && <CancelButton comparison={comparison.id} turn={turn.number} />}
        </Group>
      </Paper>
      <Grid gap="md" className={classes.grow}>
        <Grid.Col span={{ base: 12, md: watching ? 4 : 6 }}>
          <Stack gap="md">
            <Expectation comparison={comparison.id} turn={turn} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: watching ? 8 : 6 }}>
          {watching ? <LivePanes sides={live.sides} /> : <BriefView comparison={comparison} turn={turn} asked />}
        </Grid.Col>
      </Grid>
    </div>
  );
}

function CancelButton({ comparison, turn }: { comparison: string; turn: number }) {
  const [opened, { open, close }] = useDisclosure(false);
  const cancel = useTurnAction(comparison, turn, "cancel");
  return (
    <>
      <Button variant="default" size="sm" onClick={open}>
        Cancel the turn
      </Button>
      <Modal opened={opened} onClose={close} title={<b>Cancel this turn?</b>}>
        <Stack>
          <Text size="sm">Both sides are stopped where they are. You can start the turn again from its beginning.</Text>
          {cancel.error && <ErrorNotice error={cancel.error} title="The turn was not cancelled" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Let them work
            </Button>
            <Button
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(undefined, { onSuccess: close })}
            >
              Cancel the turn
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
