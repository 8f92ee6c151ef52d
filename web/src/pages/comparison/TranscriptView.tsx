import { Button } from "@mantine/core";
import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Comparison, Rollout, Turn } from "../../api/types";
import { FeedNotice } from "../../components/transcript/FeedNotice";
import type { TranscriptItem } from "../../components/transcript/items";
import { Transcript } from "../../components/transcript/Transcript";
import { useCite, useComment } from "./evidence/desk";
import { StepNotes } from "./evidence/StepNotes";
import { useStepsWithNotes } from "./evidence/use-step-notes";
import { changesLink } from "./links";
import classes from "./Panes.module.css";
import { SideTag } from "./SideTag";
import { type SideChoice, visibleSides } from "./sides";
import { stepLink } from "./transcript-link";
import { useTranscript } from "./use-transcript";

export function TranscriptView({ comparison, turn, sides }: { comparison: Comparison; turn: Turn; sides: SideChoice }) {
  return (
    <div className={classes.panes}>
      {visibleSides(sides).map((side) => (
        <div key={`${turn.number}${side}`} className={classes.pane} data-side={side}>
          <OneTranscript comparison={comparison.id} turn={turn.number} rollout={turn.sides[side]} />
        </div>
      ))}
    </div>
  );
}

function OneTranscript({ comparison, turn, rollout }: { comparison: string; turn: number; rollout: Rollout }) {
  const { side } = rollout;
  const search = useSearch({ from: "/comparisons/$id" });
  const jump = useLocation({ select: (location) => location.state.jump });
  const navigate = useNavigate();
  const { feed, retry } = useTranscript(comparison, turn, side, rollout.attempt ?? 0);
  const openFile = useCallback(
    (path: string) => void navigate(changesLink({ comparison, turn, path, side })),
    [navigate, comparison, turn, side],
  );
  const cite = useCite();
  const comment = useComment();
  const actions = useCallback(
    (item: TranscriptItem, active: boolean) => {
      if (item.step === null) return null;
      const tabIndex = active ? 0 : -1;
      const target = { kind: "step", side, step: item.step, text: inALine(item) } as const;
      return (
        <>
          {cite && (
            <Button size="compact-xs" variant="default" tabIndex={tabIndex} onClick={() => cite(target)}>
              Cite<span className="visually-hidden"> step {item.step}</span>
            </Button>
          )}
          {comment && (
            <Button size="compact-xs" variant="default" tabIndex={tabIndex} onClick={() => comment(target)}>
              Comment<span className="visually-hidden"> on step {item.step}</span>
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            tabIndex={tabIndex}
            renderRoot={(props) => (
              <Link {...props} {...stepLink({ comparison, turn, side, step: target.step })} replace />
            )}
            title="Link to this step"
          >
            #<span className="visually-hidden">Link to step {item.step}</span>
          </Button>
        </>
      );
    },
    [comparison, turn, side, cite, comment],
  );
  const noted = useStepsWithNotes(turn, side);
  const notes = useCallback(
    (item: TranscriptItem) =>
      item.step !== null && noted.has(item.step) ? <StepNotes side={side} step={item.step} /> : null,
    [noted, side],
  );
  return (
    <Transcript
      feed={feed}
      head={<SideTag side={side} />}
      label={`Transcript of ${side}`}
      empty={`${side} left no transcript: it stopped before it said anything.`}
      target={search.side === side ? search.step : null}
      jump={jump}
      actions={actions}
      notes={notes}
      onOpenFile={openFile}
      notice={<FeedNotice feed={feed} onRetry={retry} />}
    />
  );
}

/** What a step says, short enough to stand beside a comment on it. */
function inALine(item: TranscriptItem): string {
  const text = item.type === "tool" ? item.title : item.text;
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
