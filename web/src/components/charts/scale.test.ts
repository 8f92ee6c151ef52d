import { describe, expect, it } from "vitest";
import { axisOf, place, scaleFor, ticksBetween } from "./scale";

describe("ticksBetween", () => {
  it("names round numbers inside the ends", () => {
    expect(ticksBetween(-63, 58)).toEqual([-50, -25, 0, 25, 50]);
    expect(ticksBetween(0.3, 0.7)).toEqual([0.3, 0.4, 0.5, 0.6, 0.7]);
  });
  it("stands still where there is no width", () => {
    expect(ticksBetween(3, 3)).toEqual([3]);
  });
});

describe("axisOf", () => {
  const named = (...asked: Parameters<typeof axisOf>) => {
    const { ticks, format } = axisOf(...asked);
    return ticks.map(format);
  };
  it("names every tick by words of its own, however little the values differ", () => {
    expect(named([0.70001, 0.70003])).toEqual(["0.696", "0.698", "0.700", "0.702", "0.704"]);
    expect(named([0, 0.00039])).toEqual(["0.0000", "0.0001", "0.0002", "0.0003", "0.0004"]);
    expect(named([-0.764, -0.908])).toEqual(["−0.90", "−0.85", "−0.80", "−0.75"]);
    expect(named([0, 4e-8])).toContain("1.0e−8");
    expect(named([-1200, -300])).toContain("−1,200");
  });
  it("names no share beyond all or nothing, and has a width for one value", () => {
    expect(named([1], true)).toEqual(["99.4 %", "99.6 %", "99.8 %", "100.0 %"]);
    expect(named([0, 0.5, 1], true)).toEqual(["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
    expect(named([0])).toContain("0.0");
  });
});

describe("scaleFor", () => {
  it("holds every interval and the reference, and skips what is not known", () => {
    const scale = scaleFor(
      [
        { estimate: 10, low: 4, high: 16 },
        { estimate: null, low: null, high: null },
      ],
      [0],
    );
    expect(scale.low).toBeLessThan(0);
    expect(scale.high).toBeGreaterThan(16);
  });
  it("has a width even if nothing is known", () => {
    const scale = scaleFor([], [0.5], [0, 1]);
    expect(scale.high).toBeGreaterThan(scale.low);
  });
  it("keeps to the limits of a share", () => {
    expect(scaleFor([{ estimate: 0.98, low: 0.9, high: 1 }], [0.5], [0, 1]).high).toBe(1);
  });
});

describe("place", () => {
  const scale = { low: -10, high: 10, ticks: [] };
  it("is a part of the line, and never outside", () => {
    expect([-10, 0, 10, 40, -40].map((value) => place(scale, value))).toEqual([0, 50, 100, 100, 0]);
  });
});
