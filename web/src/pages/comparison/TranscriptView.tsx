import { useQuery } from "@tanstack/react-query";
import type { Comparison, Rollout, Turn } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { Transcript } from "../../components/transcript/Transcript";
import classes from "./Panes.module.css";
import { type SideChoice, visibleSides } from "./sides";
import { transcriptQuery } from "./use-transcript";

export function TranscriptView({ comparison, turn, sides }: { comparison: Comparison; turn: Turn; sides: SideChoice }) {
  return (
    <div className={classes.panes}>
      {visibleSides(sides).map((side) => (
        <div key={side} className={classes.pane} data-side={side}>
          <OneTranscript comparison={comparison.id} turn={turn.number} rollout={turn.sides[side]} />
        </div>
      ))}
    </div>
  );
}

function OneTranscript({ comparison, turn, rollout }: { comparison: string; turn: number; rollout: Rollout }) {
  const transcript = useQuery(transcriptQuery(comparison, turn, rollout.side, rollout.attempt ?? 0));
  if (transcript.isPending) return <Loading label={`Loading the transcript of ${rollout.side}`} />;
  if (transcript.error) return <ErrorNotice error={transcript.error} onRetry={() => void transcript.refetch()} />;
  return (
    <Transcript
      state={transcript.data}
      label={`Transcript of ${rollout.side}`}
      empty={`${rollout.side} left no transcript: it stopped before it said anything.`}
    />
  );
}
