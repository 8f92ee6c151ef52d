import type { CSSProperties } from "react";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import header from "./ComparisonHeader.module.css";
import classes from "./ComparisonSkeleton.module.css";
import { useDocked, useNarrow, usePanelWidth } from "./PanelHandle";
import { RatingShape } from "./RatingSkeleton";
import cards from "./SideCards.module.css";

const CODE = ["38%", "64%", "52%", "71%", "45%", "58%", "33%", "66%", "49%", "61%"];

/** A comparison on its way: header, both sides, their panes, and the rating where it will stand. */
export function ComparisonSkeleton() {
  const [docked] = useDocked();
  const width = usePanelWidth();
  const narrow = useNarrow();
  const beside = docked && !narrow;
  return (
    <Waiting label="Loading the comparison" title="Comparison">
      <div className={header.header}>
        <div className={header.title}>
          <Bar width="min(46%, 420px)" height={13} style={{ marginBlock: 5 }} />
          <Bar width="min(70%, 560px)" height={9} style={{ marginBlock: 5 }} />
        </div>
      </div>
      <div
        className={classes.columns}
        data-docked={beside || undefined}
        style={{ "--panel-width": width.css } as CSSProperties}
      >
        <div className={classes.main}>
          <div className={cards.cards}>
            {(["A", "B"] as const).map((side) => (
              <div key={side} className={cards.card} data-side={side}>
                <Bar width="28px" height={28} />
                <Bar width="38%" style={{ marginBlock: 9 }} />
              </div>
            ))}
          </div>
          <div className={classes.strip}>
            {[64, 44, 82, 58, 46].map((width) => (
              <Bar key={width} width={`${width}px`} height={12} />
            ))}
          </div>
          <div className={cards.cards}>
            {(["A", "B"] as const).map((side) => (
              <div key={side} className={classes.pane}>
                {CODE.map((width) => (
                  <Bar key={width} width={width} />
                ))}
              </div>
            ))}
          </div>
        </div>
        {beside && (
          <div className={classes.side}>
            <RatingShape />
          </div>
        )}
      </div>
    </Waiting>
  );
}
