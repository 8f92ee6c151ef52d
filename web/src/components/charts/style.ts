import type { PlotOptions } from "@observablehq/plot";

/** What every chart has in common. Colours are names of the page's own, so that a change of theme needs no drawing anew. */
export function sheet(width: number, height: number): PlotOptions {
  return {
    width,
    height,
    marginLeft: 48,
    marginRight: 16,
    marginTop: 22,
    marginBottom: 38,
    style: {
      fontFamily: "inherit",
      fontSize: "12px",
      background: "transparent",
      color: "var(--app-muted)",
      overflow: "visible",
    },
  };
}

export const FIRST = "var(--chart-first)";
export const SECOND = "var(--chart-second)";
export const PLAIN = "var(--chart-plain)";
export const GRID = "var(--chart-grid)";
export const AXIS = "var(--chart-axis)";
export const SURFACE = "var(--app-surface)";
export const TEXT = "var(--mantine-color-text)";

/** Text over lines stays readable by an edge of the ground's colour. */
export const OVER = { stroke: SURFACE, strokeWidth: 4, strokeLinejoin: "round" } as const;

export const percentTick = (value: number): string => `${Math.round(value * 100)} %`;
export const countTick = (value: number): string => value.toLocaleString("en-US");
