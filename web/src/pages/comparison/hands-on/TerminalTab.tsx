import { Button, Group, Text } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import type { Phase } from "../../../components/terminal/connection";
import type { ScreenHandle } from "../../../components/terminal/Screen";
import classes from "./TerminalPanel.module.css";
import type { Tab } from "./use-terminals";
import { clock, endedWords, refusedWords, waitingWords } from "./words";

const Screen = lazy(() => import("../../../components/terminal/Screen"));

export interface TerminalTabProps {
  tab: Tab;
  visible: boolean;
  screenReader: boolean;
  onAgain: () => void;
  onLeave: () => void;
  onReady: (handle: ScreenHandle) => void;
}

/** One terminal: its screen, and over it whatever has to be said. */
export function TerminalTab({ tab, visible, screenReader, onAgain, onLeave, onReady }: TerminalTabProps) {
  const [phase, setPhase] = useState<Phase>({ kind: "connecting", broke: false });
  const [handle, setHandle] = useState<ScreenHandle | null>(null);
  const [endsAt, setEndsAt] = useState<{ at: number; reason: "idle" | "longest" } | null>(null);
  const [dropped, setDropped] = useState(false);
  if (tab.error) return <Failed error={tab.error} onAgain={onAgain} />;
  const waiting = tab.terminal === null ? "Opening a terminal…" : waitingWords(phase);
  return (
    <div className={classes.tab}>
      {endsAt && phase.kind === "open" && (
        <Countdown at={endsAt.at} reason={endsAt.reason} onStay={() => handle?.stay()} />
      )}
      {dropped && phase.kind === "open" && (
        <Group className={classes.notice} role="status" gap="xs">
          <Text size="xs">The shell did not take all of what was pasted: it was more than it reads at a time.</Text>
          <Button size="compact-xs" variant="default" onClick={() => setDropped(false)}>
            Understood
          </Button>
        </Group>
      )}
      <div className={classes.screen} data-quiet={phase.kind !== "open" || undefined}>
        {tab.terminal && (
          <Suspense fallback={null}>
            <Screen
              terminal={tab.terminal}
              label={`Terminal in a copy of side ${tab.side}, turn ${tab.turn}. F6 leaves it.`}
              visible={visible}
              screenReader={screenReader}
              onPhase={setPhase}
              onCountdown={(countdown) =>
                setEndsAt(countdown && { at: Date.now() + countdown.seconds * 1000, reason: countdown.reason })
              }
              onDropped={() => setDropped(true)}
              onLeave={onLeave}
              onReady={(made) => {
                setHandle(made);
                onReady(made);
              }}
            />
          </Suspense>
        )}
        {waiting && (
          <div className={classes.over} role="status">
            {waiting}
          </div>
        )}
      </div>
      <Over phase={phase} onAgain={onAgain} onReconnect={() => handle?.reconnect()} />
    </div>
  );
}

function Failed({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  return (
    <div className={classes.failed}>
      <ErrorNotice error={error} title="The terminal could not be opened" onRetry={onAgain} />
    </div>
  );
}

function Over({ phase, onAgain, onReconnect }: { phase: Phase; onAgain: () => void; onReconnect: () => void }) {
  if (phase.kind === "ended") {
    const { title, text } = endedWords(phase);
    return (
      <Group className={classes.notice} role="status" gap="xs">
        <Text size="xs" fw={600}>
          {title}
        </Text>
        {text && <Text size="xs">{text}</Text>}
        <Button size="compact-xs" onClick={onAgain}>
          Start again
        </Button>
        <Text size="xs" c="dimmed">
          in a fresh copy: what was changed by hand is gone
        </Text>
      </Group>
    );
  }
  if (phase.kind !== "replaced" && phase.kind !== "refused") return null;
  const gone = phase.kind === "refused" && phase.reason === "gone";
  return (
    <Group className={classes.notice} role="status" gap="xs">
      <Text size="xs">
        {phase.kind === "replaced" ? "This terminal was opened in another window." : refusedWords(phase)}
      </Text>
      <Button size="compact-xs" onClick={gone ? onAgain : onReconnect}>
        {gone ? "Start again" : phase.kind === "replaced" ? "Use it here" : "Connect again"}
      </Button>
    </Group>
  );
}

function Countdown({ at, reason, onStay }: { at: number; reason: "idle" | "longest"; onStay: () => void }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Group className={classes.notice} gap="xs" role="timer">
      <Text size="xs">
        Closes in <b>{clock((at - now) / 1000)}</b>
        {reason === "idle" ? ", because nothing was typed." : ": it was open for as long as one may be."}
      </Text>
      {reason === "idle" && (
        <Button size="compact-xs" variant="default" onClick={onStay}>
          Keep it open
        </Button>
      )}
    </Group>
  );
}
