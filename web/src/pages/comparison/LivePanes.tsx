import type { Side } from "../../api/types";
import type { TranscriptState } from "../../components/transcript/items";
import { Transcript } from "../../components/transcript/Transcript";
import classes from "./LivePanes.module.css";
import { SideTag } from "./SideTag";

export function LivePanes({ sides }: { sides: Record<Side, TranscriptState> }) {
  return (
    <div className={classes.panes}>
      {(["A", "B"] as const).map((side) => (
        <div key={side} className={classes.pane} data-side={side}>
          <div className={classes.head}>
            <SideTag side={side} />
          </div>
          <div className={classes.body}>
            <Transcript state={sides[side]} label={`Live transcript of ${side}`} follow empty="Nothing said yet." />
          </div>
        </div>
      ))}
    </div>
  );
}
