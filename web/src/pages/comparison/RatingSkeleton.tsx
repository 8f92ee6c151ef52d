import { Bar, Waiting } from "../../components/feedback/Waiting";
import classes from "./RatingSkeleton.module.css";

const ROWS = ["92px", "64px", "84px", "108px", "62px"];

/** The layout of the panel beside the results. */
export function RatingShape() {
  return (
    <div className={classes.shape}>
      <div className={classes.parts}>
        <Bar width="100%" height={30} />
      </div>
      <div className={classes.rows}>
        {ROWS.map((width) => (
          <div key={width} className={classes.row}>
            <Bar width={width} />
            <Bar width="100%" height={30} />
          </div>
        ))}
        <Bar width="120px" />
        <Bar width="100%" height={52} />
        <Bar width="100%" height={52} />
      </div>
    </div>
  );
}

export function RatingSkeleton() {
  return (
    <Waiting label="Loading the rating">
      <RatingShape />
    </Waiting>
  );
}
