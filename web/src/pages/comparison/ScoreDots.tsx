import classes from "./ScoreDots.module.css";
import { POINTS, sideOf } from "./scale";

/** A score on the scale of seven, as a row of dots; words beside it say the same. */
export function ScoreDots({ score }: { score: number | null | undefined }) {
  return (
    <span className={classes.dots} aria-hidden>
      {POINTS.map((point) => (
        <span key={point} data-side={sideOf(point) ?? undefined} data-on={point === score || undefined} />
      ))}
    </span>
  );
}
