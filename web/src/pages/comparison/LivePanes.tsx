import type { Side } from "../../api/types";
import { FeedNotice } from "../../components/transcript/FeedNotice";
import type { TranscriptFeed } from "../../components/transcript/feed";
import { Transcript } from "../../components/transcript/Transcript";
import classes from "./LivePanes.module.css";
import { SideTag } from "./SideTag";

/** Both transcripts as they are written. */
export function LivePanes({ feeds }: { feeds: Record<Side, TranscriptFeed> }) {
  return (
    <div className={classes.panes}>
      {(["A", "B"] as const).map((side) => (
        <div key={side} className={classes.pane} data-side={side}>
          <Transcript
            feed={feeds[side]}
            head={<SideTag side={side} />}
            label={`Live transcript of ${side}`}
            live
            empty="Nothing said yet."
            notice={<FeedNotice feed={feeds[side]} />}
          />
        </div>
      ))}
    </div>
  );
}
