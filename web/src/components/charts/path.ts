import { areaY, axisX, axisY, dot, gridY, lineY, plot, ruleX, ruleY, text } from "@observablehq/plot";
import type { PathPoint, Question } from "../../api/evidence-types";
import { AXIS, countTick, GRID, OVER, PLAIN, percentTick, SECOND, SURFACE, sheet, TEXT } from "./style";

export interface PathData {
  points: PathPoint[];
  arms: string[];
  smallest: number;
  most: number;
  /** Of votes that count by strength, grades are shown, and no smallest effect, which is a share. */
  counts: Question["counts"];
}

/** How much of the band is shown: the first look, wide as it is, would flatten all that come after. */
export function pathDomain(points: PathPoint[], least: number, neither = 0.5, most = 0.5): [number, number] {
  const settled = points.slice(points.length > 3 ? 1 : 0);
  const reach = Math.max(
    least + 0.12 * most,
    ...settled.flatMap((point) => [Math.abs(point.low - neither), Math.abs(point.high - neither)]),
  );
  const half = Math.min(most, reach + 0.04 * most);
  return [neither - half, neither + half];
}

const gradeTick = (grades: number) =>
  `${grades > 0.005 ? "+" : grades < -0.005 ? "−" : ""}${Math.abs(grades).toFixed(1)}`;

/** The share for the second arm, or its lead, with its anytime-valid band. */
export function drawPath({ points, arms, smallest, most, counts }: PathData, width: number, height: number): Element {
  const last = points.at(-1);
  const [neither, tick] = counts === "side" ? [0.5, percentTick] : [0, gradeTick];
  const [low, high] = counts === "side" ? pathDomain(points, smallest - 0.5) : pathDomain(points, 0, neither, 3);
  const inside = (value: number) => Math.min(high, Math.max(low, value));
  const shown = points.map((point) => ({ ...point, low: inside(point.low), high: inside(point.high) }));
  const marks = [
    gridY({ stroke: GRID, strokeOpacity: 1 }),
    axisY({ label: null, tickFormat: tick, tickSize: 0 }),
    axisX({
      label: "accepted comparisons",
      tickFormat: countTick,
      ticks: Math.max(3, Math.floor(width / 110)),
      labelArrow: false,
    }),
    areaY(shown, { x: "comparisons", y1: "low", y2: "high", fill: SECOND, fillOpacity: 0.16 }),
    lineY(shown, { x: "comparisons", y: "low", stroke: SECOND, strokeOpacity: 0.5 }),
    lineY(shown, { x: "comparisons", y: "high", stroke: SECOND, strokeOpacity: 0.5 }),
    ruleY([neither], { stroke: PLAIN, strokeWidth: 1.5 }),
    lineY(
      points.filter((point) => point.share >= low && point.share <= high),
      { x: "comparisons", y: "share", stroke: SECOND, strokeWidth: 2.5 },
    ),
    text([`${arms[1]} preferred ↑`], { frameAnchor: "top-right", fill: TEXT, dy: 4, ...OVER }),
    text([`${arms[0]} preferred ↓`], { frameAnchor: "bottom-right", fill: TEXT, dy: -4, ...OVER }),
  ];
  if (counts === "side") {
    marks.push(
      ruleY([smallest, 1 - smallest], { stroke: AXIS, strokeDasharray: "4 4" }),
      text([smallest], { y: smallest, frameAnchor: "right", text: ["smallest effect"], dy: -7, ...OVER, fill: PLAIN }),
    );
  }
  marks.push(
    ruleX(shown, {
      x: "comparisons",
      y1: "low",
      y2: "high",
      stroke: SECOND,
      strokeWidth: 3,
      strokeOpacity: 0.55,
      strokeLinecap: "round",
    }),
    dot(
      points.slice(0, -1).filter((point) => point.share >= low && point.share <= high),
      { x: "comparisons", y: "share", r: 4, fill: SECOND, stroke: SURFACE, strokeWidth: 1.5 },
    ),
  );
  if (last) {
    const there = [{ ...last, share: inside(last.share) }];
    marks.push(
      dot(there, { x: "comparisons", y: "share", r: 6, fill: SECOND, stroke: SURFACE, strokeWidth: 2 }),
      text(there, {
        x: "comparisons",
        y: "share",
        text: () => tick(last.share),
        textAnchor: "start",
        dx: 10,
        fontSize: 14,
        fontWeight: 650,
        fill: TEXT,
        ...OVER,
      }),
    );
  }
  return plot({
    ...sheet(width, height),
    x: { domain: [0, Math.max(most, last?.comparisons ?? 0)] },
    y: { domain: [low, high], ticks: 6 },
    marks,
  });
}
