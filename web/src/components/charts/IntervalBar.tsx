import type { Interval } from "../../api/evidence-types";
import classes from "./IntervalBar.module.css";
import { place, type Scale } from "./scale";
import "./colours.css";

export interface IntervalBarProps {
  scale: Scale;
  value: Interval;
  /** The value that says "no difference": a line through every row. */
  reference?: number;
  /** A second estimate beside the first, drawn as a hollow diamond. */
  beside?: number | null;
  tone?: "second" | "first" | "plain";
}

/** An estimate with its interval, drawn in a table's cell: the row's own text says the numbers. */
export function IntervalBar({ scale, value, reference, beside, tone = "second" }: IntervalBarProps) {
  const at = (number: number) => `${place(scale, number)}%`;
  return (
    <svg className={classes.bar} data-tone={tone} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line key={tick} className={classes.tick} x1={at(tick)} x2={at(tick)} y1="0" y2="100%" />
      ))}
      {reference != null && (
        <line className={classes.reference} x1={at(reference)} x2={at(reference)} y1="0" y2="100%" />
      )}
      {value.low != null && value.high != null && (
        <line className={classes.whisker} x1={at(value.low)} x2={at(value.high)} y1="50%" y2="50%" />
      )}
      {beside != null && (
        <svg x={at(beside)} y="50%" className={classes.anchor} aria-hidden="true">
          <path className={classes.beside} d="M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z" />
        </svg>
      )}
      {value.estimate != null && <circle className={classes.dot} cx={at(value.estimate)} cy="50%" r="5" />}
    </svg>
  );
}

/** Where a tick's name stands: over it, but within the line where it would hang out at an end. */
const named = (left: number) => ({
  left: `${left}%`,
  transform: `translateX(${left < 5 ? 0 : left > 95 ? -100 : -50}%)`,
});

interface ScaleHeadProps {
  scale: Scale;
  format: (value: number) => string;
  /** Names the column, for who can't see that it is drawn; absent where the head says more. */
  label?: string;
}

/** The names of the ticks, above a column of bars. */
export function ScaleHead({ scale, format, label }: ScaleHeadProps) {
  return (
    <div className={classes.head}>
      {label && <span className="visually-hidden">{label}</span>}
      {scale.ticks.map((tick) => (
        <span key={tick} className={classes.name} style={named(place(scale, tick))} aria-hidden="true">
          {format(tick)}
        </span>
      ))}
    </div>
  );
}
