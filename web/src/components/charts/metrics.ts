import { axisX, axisY, dot, gridY, lineY, plot, ruleY, text } from "@observablehq/plot";
import { axisOf, ticksBetween } from "./scale";
import { AXIS, countTick, FIRST, GRID, OVER, PLAIN, SECOND, SURFACE, sheet, TEXT } from "./style";

export interface Line {
  label: string;
  points: { step: number; value: number }[];
}

export interface Lines {
  lines: Line[];
  /** A value that means something: of guessing, of no difference. */
  mark?: number;
  /** Values are shares of one. */
  share?: boolean;
  format: (value: number) => string;
}

/** One or two metrics over the steps of a run: a full line and a dashed one, each named at its end. */
export function drawLines({ lines, mark, share }: Lines, width: number, height: number): Element {
  const values = lines.flatMap((line) => line.points.map((point) => point.value));
  if (mark !== undefined) values.push(mark);
  const axis = axisOf(values, share);
  const end = Math.max(1, ...lines.flatMap((line) => line.points.map((point) => point.step)));
  const steps = ticksBetween(0, end, Math.max(3, Math.floor(width / 110))).filter(Number.isInteger);
  const colours = [SECOND, FIRST];
  return plot({
    ...sheet(width, height),
    marginLeft: 58,
    x: { domain: [0, end] },
    y: { domain: axis.domain },
    marks: [
      gridY({ ticks: axis.ticks, stroke: GRID, strokeOpacity: 1 }),
      ...(mark === undefined ? [] : [ruleY([mark], { stroke: PLAIN, strokeDasharray: "2 3" })]),
      axisY({ label: null, ticks: axis.ticks, tickFormat: axis.format, tickSize: 0 }),
      axisX({ label: "step", ticks: steps, tickFormat: countTick, stroke: AXIS }),
      ...lines.flatMap((line, index) => {
        const colour = colours[index] ?? PLAIN;
        const last = line.points.at(-1);
        return [
          lineY(line.points, {
            x: "step",
            y: "value",
            stroke: colour,
            strokeWidth: 2,
            ...(index ? { strokeDasharray: "6 3" } : {}),
          }),
          ...(last ? [dot([last], { x: "step", y: "value", r: 4, fill: colour, stroke: SURFACE })] : []),
          ...(last && lines.length > 1
            ? [
                text([last], {
                  x: "step",
                  y: "value",
                  text: [line.label],
                  textAnchor: "end",
                  dx: -6,
                  dy: index ? 14 : -12,
                  fill: TEXT,
                  ...OVER,
                }),
              ]
            : []),
        ];
      }),
    ],
  });
}
