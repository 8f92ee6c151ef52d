import { Button, Group, Modal, Stack, Tabs, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense } from "react";
import { useTurnAction } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { TabRow } from "../../components/layout/TabRow";
import { Elapsed } from "../../components/text/Time";
import { duration, roughly } from "../../components/text/time";
import { BriefView } from "./BriefView";
import { Expectation } from "./Expectation";
import { LivePanes } from "./LivePanes";
import { useLive } from "./use-live";
import { WhenReady } from "./WhenReady";
import classes from "./WorkingView.module.css";

// With the code of the diffs, which is large: fetched when it is looked at.
const RepositoryBrowser = lazy(async () => ({
  default: (await import("../../components/repository/RepositoryBrowser")).RepositoryBrowser,
}));

export interface WorkingViewProps {
  header: ReactNode;
  comparison: Comparison;
  turn: Turn;
}

/** While both sides work. Together: nothing tells who is faster. Live: both transcripts stream. */
export function WorkingView({ header, comparison, turn }: WorkingViewProps) {
  const watching = comparison.campaign.reveal === "live";
  const live = useLive(comparison.id, turn.number, watching);
  const parts = { comparison, turn };
  return (
    <div className={classes.page} data-watching={watching || undefined}>
      {header}
      <div className={classes.view}>
        <Progress {...parts} connected={live.connected} />
        <div className={watching ? classes.watching : classes.waiting}>
          <div className={classes.beside}>
            <Expectation comparison={comparison.id} turn={turn} />
            {watching && (
              <div className={classes.reading}>
                <BriefView {...parts} asked />
              </div>
            )}
          </div>
          {watching ? (
            <Meanwhile {...parts} first={{ label: "Transcripts", content: <LivePanes feeds={live.feeds} /> }} />
          ) : (
            <Meanwhile {...parts} first={{ label: "Brief", content: <BriefView {...parts} asked /> }} />
          )}
        </div>
      </div>
    </div>
  );
}

interface MeanwhileProps {
  comparison: Comparison;
  turn: Turn;
  first: { label: string; content: ReactNode };
}

/** What there is to look at, and the repository as both sides found it. */
function Meanwhile({ comparison, turn, first }: MeanwhileProps) {
  const points = [
    { at: "base" as const, label: "Base" },
    ...(turn.number > 1 && turn.continued_from !== "own" ? [{ at: "start" as const, label: "Start of the turn" }] : []),
  ];
  return (
    <Tabs defaultValue="first" className={classes.reading} keepMounted={false}>
      <TabRow>
        <Tabs.Tab value="first">{first.label}</Tabs.Tab>
        <Tabs.Tab value="repository">Repository</Tabs.Tab>
      </TabRow>
      <Tabs.Panel value="first" className={classes.panel}>
        {first.content}
      </Tabs.Panel>
      <Tabs.Panel value="repository" className={classes.panel} data-fill>
        <Suspense fallback={<Loading label="Loading the repository" />}>
          <RepositoryBrowser comparison={comparison.id} turn={turn.number} points={points} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}

function Progress({ comparison, turn, connected }: { comparison: Comparison; turn: Turn; connected: boolean }) {
  const { campaign } = comparison;
  const watching = campaign.reveal === "live";
  const queued = turn.status === "queued";
  const away = comparison.worker_away;
  return (
    <div className={classes.progress}>
      <div className={classes.swimmers} aria-hidden data-still={queued || away || undefined}>
        <span data-side="A" />
        <span data-side="B" />
      </div>
      <div className={classes.words}>
        <Group gap="sm" role="status">
          <Text fw={600}>
            {away ? "Waiting for a worker" : queued ? "Waiting for a free worker" : "Both sides are at work"}
          </Text>
          {!connected && (
            <Text size="sm" className={classes.reconnecting}>
              Reconnecting… nothing is lost.
            </Text>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {away &&
            "None answers at present. What was begun goes on, or begins again, when one is back; nothing is lost. "}
          {!queued && !away && turn.started_at && (
            <>
              <Elapsed since={turn.started_at} /> so far; each side has {duration(campaign.time_limit_seconds, true)} at
              most.{" "}
            </>
          )}
          {campaign.usual_turn_seconds !== null && (
            <>Turns here usually take {roughly(campaign.usual_turn_seconds)}. </>
          )}
          {watching
            ? "Checks run on both results at the end."
            : "Both results appear together; you can leave this page meanwhile."}
        </Text>
      </div>
      <Group gap="xs">
        <WhenReady />
        {comparison.actions.cancel.allowed && <CancelButton comparison={comparison.id} turn={turn.number} />}
      </Group>
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
