import { Button } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { counted } from "../text/counted";
import type { TranscriptFeed } from "./feed";
import classes from "./Transcript.module.css";

/** What is still being read of a transcript, or why it can't be. */
export function FeedNotice({ feed, onRetry }: { feed: TranscriptFeed; onRetry?: () => void }) {
  useSyncExternalStore(feed.subscribe, feed.getVersion);
  const { state, fold } = feed;
  if (state.kind === "failed") {
    if (fold.items.length === 0)
      return <ErrorNotice error={state.error} title="The transcript can’t be shown" onRetry={onRetry} />;
    return (
      <div className={classes.note} role="alert">
        Not all steps could be read.
        {onRetry && (
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    );
  }
  if (state.kind === "earlier") {
    const share = Math.floor((state.done / state.total) * 100);
    return <Late text={`Reading the earlier steps: ${share}%. Steps are numbered when they are here.`} />;
  }
  if (state.kind === "later") return <Late text={`Reading on: ${counted(fold.steps, "step")} so far…`} />;
  return state.kind === "loading" ? <Late text="Reading the transcript…" /> : null;
}

/** Said only when it takes long enough to be noticed. */
function Late({ text }: { text: string }) {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setVisible(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return visible ? <div className={classes.note}>{text}</div> : null;
}
