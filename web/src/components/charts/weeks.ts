import { axisX, axisY, dot, gridY, lineY, plot, rectY, ruleY, text } from "@observablehq/plot";
import type { Week } from "../../api/evidence-types";
import { AXIS, FIRST, GRID, OVER, PLAIN, percentTick, SECOND, SURFACE, sheet, TEXT } from "./style";

const WEEK = 7 * 86_400_000;
const monday = (week: Week): Date => new Date(`${week.week}T00:00:00Z`);
const sunday = (week: Week): Date => new Date(monday(week).getTime() + WEEK);
const middle = (week: Week): Date => new Date(monday(week).getTime() + WEEK / 2);

/** Votes of each week. */
export function drawVotes(weeks: Week[], width: number, height: number): Element {
  return plot({
    ...sheet(width, height),
    x: { type: "utc" },
    y: { domain: [0, Math.max(1, ...weeks.map((week) => week.votes)) * 1.1], ticks: 4 },
    marks: [
      gridY({ stroke: GRID, strokeOpacity: 1 }),
      rectY(weeks, { x1: monday, x2: sunday, y: "votes", fill: PLAIN, fillOpacity: 0.65, insetLeft: 2, insetRight: 2 }),
      axisY({ label: null, tickSize: 0 }),
      axisX({ label: null, ticks: Math.max(3, Math.floor(width / 90)) }),
      ruleY([0], { stroke: AXIS }),
    ],
  });
}

/** Agreement, and the share of preferences for side B, week by week: round against square, full line against dashed. */
export function drawDrift(weeks: Week[], width: number, height: number): Element {
  const agreed = weeks.filter((week) => week.agreement != null);
  const shared = weeks.filter((week) => week.second_share != null);
  const named = (rows: Week[], value: (week: Week) => number | null, label: string, dy: number) => {
    const last = rows.at(-1);
    return last
      ? [text([last], { x: middle, y: value, text: [label], textAnchor: "end", dy, fill: TEXT, ...OVER })]
      : [];
  };
  return plot({
    ...sheet(width, height),
    x: { type: "utc", domain: [weeks[0] ? monday(weeks[0]) : 0, weeks.at(-1) ? sunday(weeks.at(-1) as Week) : 1] },
    y: { domain: [0.3, 1], ticks: 5 },
    clip: true,
    marks: [
      gridY({ stroke: GRID, strokeOpacity: 1 }),
      ruleY([0.5], { stroke: PLAIN }),
      axisY({ label: null, tickFormat: percentTick, tickSize: 0 }),
      axisX({ label: null, ticks: Math.max(3, Math.floor(width / 90)) }),
      lineY(agreed, { x: middle, y: "agreement", stroke: SECOND, strokeWidth: 2 }),
      dot(agreed, { x: middle, y: "agreement", r: 4.5, fill: SECOND, stroke: SURFACE }),
      lineY(shared, { x: middle, y: "second_share", stroke: FIRST, strokeWidth: 2, strokeDasharray: "6 3" }),
      dot(shared, { x: middle, y: "second_share", r: 4.5, symbol: "square", fill: FIRST, stroke: SURFACE }),
      ...named(agreed, (week) => week.agreement, "● agreement", -14),
      ...named(shared, (week) => week.second_share, "■ share for side B", 16),
    ],
  });
}
