import { axisX, axisY, dot, gridX, gridY, plot, ruleX, ruleY, text } from "@observablehq/plot";
import { AXIS, countTick, GRID, OVER, SECOND, SURFACE, sheet, TEXT } from "./style";

export interface SizePoint {
  arm: string;
  lines: number;
  score: number;
  low: number | null;
  high: number | null;
}

/** Preference against the size of the change: is it merely the longer one that people like? */
export function drawSizes(points: SizePoint[], width: number, height: number): Element {
  const named = points.length <= 12;
  const most = Math.max(10, ...points.map((point) => point.lines));
  return plot({
    ...sheet(width, height),
    x: { domain: [0, most * 1.15] },
    y: { nice: true },
    marks: [
      gridX({ stroke: GRID, strokeOpacity: 1 }),
      gridY({ stroke: GRID, strokeOpacity: 1 }),
      ruleY([0], { stroke: AXIS }),
      axisY({ label: "score", tickSize: 0, labelArrow: false, labelAnchor: "top" }),
      axisX({ label: "changed lines, median", tickFormat: countTick, ticks: 6, labelArrow: false }),
      ruleX(
        points.filter((point) => point.low != null && point.high != null),
        {
          x: "lines",
          y1: "low",
          y2: "high",
          stroke: SECOND,
          strokeWidth: 3,
          strokeOpacity: 0.6,
          strokeLinecap: "round",
        },
      ),
      dot(points, { x: "lines", y: "score", r: 5, fill: SECOND, stroke: SURFACE, strokeWidth: 1.5 }),
      ...(named
        ? [text(points, { x: "lines", y: "score", text: "arm", textAnchor: "start", dx: 9, fill: TEXT, ...OVER })]
        : []),
    ],
  });
}
