import { axisX, axisY, dot, gridY, lineY, plot, ruleX, ruleY, text } from "@observablehq/plot";
import type { PowerPoint } from "../../api/evidence-types";
import { AXIS, countTick, FIRST, GRID, OVER, PLAIN, percentTick, SECOND, SURFACE, sheet, TEXT } from "./style";

export interface PowerData {
  curve: PowerPoint[];
  smallest: number;
  power: number;
}

/** The chance of finding the better arm, by how much better it really is. */
export function drawPower({ curve, smallest, power }: PowerData, width: number, height: number): Element {
  return plot({
    ...sheet(width, height),
    x: { domain: [0.5, curve.at(-1)?.share ?? 0.7] },
    y: { domain: [0, 1], ticks: 5 },
    marks: [
      gridY({ stroke: GRID, strokeOpacity: 1 }),
      ruleX([smallest], { stroke: AXIS, strokeDasharray: "4 4" }),
      ruleY([power], { stroke: AXIS, strokeDasharray: "4 4" }),
      axisY({ label: null, tickFormat: percentTick, tickSize: 0 }),
      axisX({ label: "true share of the better arm", tickFormat: percentTick, ticks: 5, labelArrow: false }),
      lineY(curve, { x: "share", y: "power", stroke: SECOND, strokeWidth: 2.5, curve: "monotone-x" }),
      dot(curve, { x: "share", y: "power", r: 3.5, fill: SECOND, stroke: SURFACE }),
      text([smallest], {
        x: smallest,
        frameAnchor: "bottom",
        text: ["smallest effect"],
        textAnchor: "start",
        dx: 6,
        dy: -6,
        fill: TEXT,
        ...OVER,
      }),
      text([power], {
        y: power,
        frameAnchor: "right",
        text: [`wanted: ${percentTick(power)}`],
        dy: -8,
        fill: TEXT,
        ...OVER,
      }),
    ],
  });
}

export interface CostData {
  curve: PowerPoint[];
  /** None: no number is enough. */
  fixed: number | null;
  most: number;
}

/** How many comparisons the rule needs on average, by how much better an arm really is, beside a design without looks. */
export function drawCost({ curve, fixed, most }: CostData, width: number, height: number): Element {
  const fixedOnes = fixed == null ? [] : [fixed];
  return plot({
    ...sheet(width, height),
    x: { domain: [0.5, curve.at(-1)?.share ?? 0.7] },
    y: { domain: [0, Math.max(fixed ?? 0, most) * 1.12], ticks: 5 },
    marks: [
      gridY({ stroke: GRID, strokeOpacity: 1 }),
      axisY({ label: null, tickFormat: countTick, tickSize: 0 }),
      axisX({ label: "true share of the better arm", tickFormat: percentTick, ticks: 5, labelArrow: false }),
      ruleY(fixedOnes, { stroke: FIRST, strokeWidth: 2, strokeDasharray: "7 4" }),
      ruleY([most], { stroke: PLAIN, strokeDasharray: "2 3" }),
      lineY(curve, { x: "share", y: "mean_comparisons", stroke: SECOND, strokeWidth: 2.5, curve: "monotone-x" }),
      dot(curve, { x: "share", y: "mean_comparisons", r: 3.5, fill: SECOND, stroke: SURFACE }),
      text(fixedOnes, {
        y: (value: number) => value,
        frameAnchor: "right",
        text: () => "without looks",
        dy: most > (fixed ?? 0) ? 10 : -9,
        fill: TEXT,
        ...OVER,
      }),
      text([most], {
        y: most,
        frameAnchor: "right",
        text: ["at most (cap)"],
        dy: most > (fixed ?? 0) ? -9 : 10,
        fill: TEXT,
        ...OVER,
      }),
    ],
  });
}
