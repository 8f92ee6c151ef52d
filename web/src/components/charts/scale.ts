import type { Interval } from "../../api/evidence-types";

/** Where numbers stand on a line, and which of them are named there. */

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
}

/** Round numbers between two ends, about as many as asked for. */
export function ticksBetween(low: number, high: number, about = 5): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= raw) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** A line that holds every interval and `always`, with a little room; nothing known gives a line around `always`. */
export function scaleFor(intervals: Interval[], always: number[], limits?: [number, number]): Scale {
  const known = [...always, ...intervals.flatMap((one) => [one.low, one.estimate, one.high])].filter(
    (value): value is number => value != null && Number.isFinite(value),
  );
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const room = (most - least || Math.abs(most) || 1) * 0.04;
  const low = Math.max(least - room, limits?.[0] ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(most + room, limits?.[1] ?? Number.POSITIVE_INFINITY);
  return { low, high, ticks: ticksBetween(low, high) };
}

export interface Axis {
  domain: [number, number];
  ticks: number[];
  /** A tick in words; no two of them are the same. */
  format: (tick: number) => string;
}

/** An axis for values that may hardly differ, with room on both sides; of shares none is named that can't be. */
export function axisOf(values: number[], share = false): Axis {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // What moves by less than a hundredth of itself is shown as flat as it is.
  const width = Math.max(most - least, Math.max(Math.abs(least), Math.abs(most)) * 0.01) || 1;
  const middle = (least + most) / 2;
  const domain: [number, number] = [middle - width * 0.65, middle + width * 0.65];
  const ticks = ticksBetween(...domain, 7).filter((tick) => !share || (tick >= 0 && tick <= 1));
  const scaled = share ? ticks.map((tick) => Number((tick * 100).toPrecision(12))) : ticks;
  const digits = Math.max(0, ...scaled.map((tick) => String(tick).split(".")[1]?.length ?? 0));
  return {
    domain,
    ticks,
    format: (tick) => {
      const [value, unit] = share ? [tick * 100, " %"] : [tick, ""];
      const small = digits > 5 || scaled.some((one) => String(one).includes("e"));
      const words = small
        ? value.toExponential(1)
        : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
      return words.replaceAll("-", "−") + unit;
    },
  };
}

/** 0 to 100 along the line; what lies outside stands at its end. */
export function place(scale: Scale, value: number): number {
  const part = (value - scale.low) / (scale.high - scale.low);
  return Math.min(100, Math.max(0, part * 100));
}
