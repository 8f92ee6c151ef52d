import { useEffect, useState } from "react";
import { type Row, type RowPart, rowMessages } from "../../../../api/dataset-rows";
import type { Side } from "../../../../api/types";
import { FeedNotice } from "../../../../components/transcript/FeedNotice";
import { TranscriptFeed } from "../../../../components/transcript/feed";
import { Transcript } from "../../../../components/transcript/Transcript";
import { SideTag } from "../../../comparison/SideTag";
import { conversationReader } from "./message-events";
import { SideSwitch } from "./RowChanges";
import classes from "./RowPage.module.css";

export interface RowConversationProps {
  dataset: string;
  row: Row;
  narrow: boolean;
  side: Side;
  onSide: (side: Side) => void;
}

/** What both sides said and did, up to the next request. */
export function RowConversation({ dataset, row, narrow, side, onSide }: RowConversationProps) {
  const shown: Side[] = narrow ? [side] : ["A", "B"];
  return (
    <div className={classes.view}>
      {narrow && (
        <div className={classes.tools}>
          <SideSwitch side={side} onSide={onSide} />
        </div>
      )}
      <div className={classes.panes}>
        {shown.map((one) => (
          <div key={one} className={classes.pane} data-side={one}>
            <Conversation
              dataset={dataset}
              row={row.id}
              part={one === "A" ? "a" : "b"}
              label={`Conversation of ${one}`}
              head={<SideTag side={one} />}
              empty={(one === "A" ? row.a : row.b).refused ?? `${one} left no record of what it said and did.`}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

export interface ConversationProps {
  dataset: string;
  row: string;
  part: RowPart;
  label: string;
  head?: React.ReactNode;
  empty: string;
}

/** Messages of a row in a window over however many there are. */
export function Conversation({ dataset, row, part, label, head, empty }: ConversationProps) {
  const [tries, setTries] = useState(0);
  const [feed, setFeed] = useState(() => new TranscriptFeed());
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` is how a retry is asked for
  useEffect(() => {
    const abort = new AbortController();
    const fresh = new TranscriptFeed();
    setFeed(fresh);
    const read = conversationReader((start, signal) => rowMessages(dataset, row, part, start, signal));
    void fresh.loadFromStart(read, abort.signal);
    return () => abort.abort();
  }, [dataset, row, part, tries]);
  return (
    <Transcript
      feed={feed}
      label={label}
      head={head}
      empty={empty}
      notice={<FeedNotice feed={feed} onRetry={() => setTries((before) => before + 1)} />}
    />
  );
}
