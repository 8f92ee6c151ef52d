import { Text, Tooltip } from "@mantine/core";
import { type KeyboardEvent, useId, useState } from "react";
import classes from "./Scale.module.css";
import { keyOfPoint, POINTS, type Point, pointOfKey, pointWords, sideOf } from "./scale";

export interface ScaleRowProps {
  label: string;
  description?: string;
  value: number | null;
  onChange: (value: Point) => void;
  /** The rubric's words for a point. */
  anchorFor?: (value: number) => string | null;
  /** Without the middle: "equal" must then be said by a button of its own. */
  withoutMiddle?: boolean;
  error?: string;
  disabled?: boolean;
}

/** Native radio buttons in a row: arrow keys, screen readers and forms know them; keys 1 to 7 choose directly. */
export function ScaleRow(props: ScaleRowProps) {
  const { label, value, onChange, error } = props;
  const id = useId();
  const points = props.withoutMiddle ? POINTS.filter((point) => point !== 0) : POINTS;
  const onKeyDown = (event: KeyboardEvent) => {
    const point = event.altKey || event.ctrlKey || event.metaKey ? null : pointOfKey(event.key);
    if (point === null || props.disabled) return;
    event.preventDefault();
    onChange(point);
    document.getElementById(`${id}${point}`)?.focus();
  };
  // Pointed at before it has the focus; what is chosen when neither is.
  const [pointed, setPointed] = useState<Point | null>(null);
  const [focused, setFocused] = useState<Point | null>(null);
  const wordsOf = (point: number) => props.anchorFor?.(point) ?? pointWords(point);
  const chosen = value === null || (value === 0 && props.withoutMiddle) ? null : value;
  const shown = pointed ?? focused ?? chosen;
  return (
    <fieldset className={classes.row} onKeyDown={onKeyDown} aria-describedby={`${id}note`} disabled={props.disabled}>
      <legend className={classes.legend}>
        {props.description ? (
          <Tooltip label={props.description} multiline maw={320} position="top-start">
            <span className={classes.hinted}>{label}</span>
          </Tooltip>
        ) : (
          label
        )}
      </legend>
      <div className={classes.points}>
        <span className={classes.end} data-side="A" aria-hidden>
          A
        </span>
        {points.map((point) => (
          <label
            key={point}
            className={classes.point}
            data-side={sideOf(point) ?? undefined}
            data-strength={Math.abs(point)}
            data-checked={value === point || undefined}
            data-key={keyOfPoint(point)}
            onPointerEnter={() => setPointed(point)}
            onPointerLeave={() => setPointed(null)}
          >
            <input
              id={`${id}${point}`}
              type="radio"
              name={id}
              checked={value === point}
              onChange={() => onChange(point)}
              onFocus={() => setFocused(point)}
              onBlur={() => setFocused(null)}
              aria-label={pointWords(point)}
              aria-description={props.anchorFor?.(point) ?? undefined}
            />
            <span aria-hidden>{point === 0 ? "=" : Math.abs(point)}</span>
          </label>
        ))}
        <span className={classes.end} data-side="B" aria-hidden>
          B
        </span>
      </div>
      {/* One over the other: whoever points at the scale must not see all below it jump. */}
      <div className={classes.notes}>
        <Text id={`${id}note`} size="xs" c={error && shown === null ? "red" : "dimmed"} className={classes.note}>
          {shown === null ? (error ?? props.description ?? "\u00a0") : wordsOf(shown)}
        </Text>
        {shown !== null && props.description && (
          <Text size="xs" className={classes.note} aria-hidden data-place>
            {props.description}
          </Text>
        )}
      </div>
    </fieldset>
  );
}
