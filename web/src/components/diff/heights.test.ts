import { expect, test } from "vitest";
import { Heights } from "./heights";

test("what was drawn last counts, else what the viewer reckons with", () => {
  const heights = new Heights();
  expect(heights.of("a.py")).toBe(0);
  heights.reckon = (path) => (path === "a.py" ? 300 : null);
  expect(heights.of("a.py")).toBe(300);
  heights.set([["a.py", 320]]);
  expect(heights.of("a.py")).toBe(320);
  expect(heights.of("b.py")).toBe(0);
});

test("is told when a height changes, and not when all stay", () => {
  const heights = new Heights();
  let told = 0;
  const leave = heights.subscribe(() => {
    told += 1;
  });
  heights.set([
    ["a.py", 320],
    ["b.py", 40],
  ]);
  heights.set([["a.py", 320.4]]);
  expect(told).toBe(1);
  leave();
  heights.set([["a.py", 500]]);
  expect(told).toBe(1);
});
