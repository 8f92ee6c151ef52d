import { areaY, axisX, axisY, dot, lineY, plot, ruleX, ruleY, text } from "@observablehq/plot";
import type { Look } from "../../api/evidence-types";
import { AXIS, countTick, FIRST, GRID, OVER, PLAIN, SECOND, SURFACE, sheet, TEXT } from "./style";

export interface BoundariesData {
  looks: Look[];
  arms: string[];
  /** 1: is the second arm better? 2: which of the two is? */
  sides: 1 | 2;
}

/** z at each look against the lines at which the rule stops. */
export function drawBoundaries({ looks, arms, sides }: BoundariesData, width: number, height: number): Element {
  const reached = looks.filter((look) => look.z != null);
  const top = Math.max(
    3.6,
    ...looks.map((look) => look.upper + 0.8),
    ...reached.map((look) => Math.abs(look.z ?? 0) + 1),
  );
  const first = looks[0];
  const last = looks.at(-1);
  // From the first vote on, so that the regions begin at the edge.
  const edges = first ? [{ ...first, comparisons: 0 }, ...looks] : [];
  const both = sides === 2;
  // Of two directions both must be hopeless, which is a wedge about 0; of one, everything below the line is.
  const futile = looks.filter((look) => look.futility != null && (!both || look.futility > 0));
  const floor = (look: Look) => (both ? -(look.futility ?? 0) : -top);
  const path = [
    { comparisons: 0, z: 0 },
    ...reached.map((look) => ({ comparisons: look.comparisons, z: look.z ?? 0 })),
  ];
  const side = { x: "comparisons" as const };
  const now = path.at(-1);
  return plot({
    ...sheet(width, height),
    x: { domain: [0, last?.comparisons ?? 1] },
    y: { domain: [-top, top], ticks: 7 },
    marks: [
      areaY(edges, { ...side, y1: "upper", y2: () => top, fill: SECOND, fillOpacity: 0.14 }),
      ...(both
        ? [areaY(edges, { ...side, y1: (look: Look) => -look.upper, y2: () => -top, fill: FIRST, fillOpacity: 0.14 })]
        : []),
      areaY(futile, { ...side, y1: "futility", y2: floor, fill: PLAIN, fillOpacity: 0.12 }),
      ruleX(looks, { ...side, stroke: GRID }),
      ruleY([0], { stroke: AXIS }),
      lineY(edges, { ...side, y: "upper", stroke: SECOND, strokeWidth: 1.5 }),
      ...(both
        ? [
            lineY(edges, {
              ...side,
              y: (look: Look) => -look.upper,
              stroke: FIRST,
              strokeWidth: 1.5,
              strokeDasharray: "6 3",
            }),
          ]
        : []),
      lineY(futile, { ...side, y: "futility", stroke: PLAIN, strokeDasharray: "2 3" }),
      ...(both ? [lineY(futile, { ...side, y: floor, stroke: PLAIN, strokeDasharray: "2 3" })] : []),
      axisY({ label: null, tickSize: 0 }),
      axisX({
        label: "accepted comparisons",
        tickFormat: countTick,
        ticks: Math.max(3, Math.floor(width / 110)),
        labelArrow: false,
      }),
      text([`stop: ${arms[1]} preferred`], { frameAnchor: "top-left", dx: 8, dy: 6, fill: TEXT, ...OVER }),
      ...(both
        ? [text([`stop: ${arms[0]} preferred`], { frameAnchor: "bottom-left", dx: 8, dy: -6, fill: TEXT, ...OVER })]
        : []),
      ...(futile.length > 0
        ? [
            text([both ? "stop: no difference that matters" : "stop: unlikely to be shown"], {
              frameAnchor: both ? "right" : "bottom-right",
              dx: -6,
              dy: both ? 18 : -6,
              fill: TEXT,
              ...OVER,
            }),
          ]
        : []),
      lineY(path, { ...side, y: "z", stroke: TEXT, strokeWidth: 2 }),
      dot(
        looks.filter((look) => !look.reached),
        { ...side, y: () => -top, r: 3.5, fill: SURFACE, stroke: AXIS, strokeWidth: 1.5 },
      ),
      dot(reached, { ...side, y: "z", r: 4.5, fill: TEXT, stroke: SURFACE, strokeWidth: 2 }),
      dot(
        reached.filter((look) => look.crossed),
        { ...side, y: "z", r: 9, stroke: TEXT, strokeWidth: 2 },
      ),
      ...(now && reached.length > 0
        ? [
            text([now], {
              ...side,
              y: "z",
              text: () => `z ${signed(now.z)}`,
              textAnchor: "start",
              dx: 11,
              dy: -13,
              fontWeight: 650,
              fontSize: 13,
              fill: TEXT,
              ...OVER,
            }),
          ]
        : []),
    ],
  });
}

function signed(value: number): string {
  return `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
}
