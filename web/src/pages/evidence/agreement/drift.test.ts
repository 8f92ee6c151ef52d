import { expect, test } from "vitest";
import { changeWords } from "./drift";

const of = (estimate: number | null, low: number | null, high: number | null) =>
  changeWords({ what: "agreement", change: { estimate, low, high }, p_value: 0.5, values: 1200 }).replaceAll(
    "\u00a0",
    " ",
  );

test("a change is told only when its interval leaves out none", () => {
  expect(of(-0.12, -0.2, -0.04)).toBe(
    "How often people agree has fallen by 12 points since the first vote (95 % interval −20 to −4 points, from 1,200 values).",
  );
  expect(of(0.03, 0.01, 0.05)).toContain("has risen by 3 points");
  expect(of(-0.03, -0.1, 0.04)).toContain("shows no clear change since the first vote (95 % interval −10 to +4 points");
  expect(of(null, null, null)).toContain("too little is known");
});
