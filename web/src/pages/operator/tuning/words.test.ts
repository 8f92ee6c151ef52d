import { describe, expect, test } from "vitest";
import { chartsOf, interval, progress, timeLeft } from "./words";

describe("what is said of a tuning run", () => {
  test("charts are of what was logged, whatever the method", () => {
    const charts = chartsOf([
      { step: 1, values: { loss: 0.7, "rewards/accuracies": 0.25 } },
      { step: 2, values: { loss: 0.5, grad_norm: 3 } },
    ]);
    expect(charts.map((chart) => chart.title)).toEqual(["Loss", "Preferred side ahead"]);
    expect(charts[0]?.summary).toContain("0.700 at first, 0.500 at step 2");
    expect(charts[1]?.data.lines[0]?.points).toEqual([{ step: 1, value: 0.25 }]);
    expect(chartsOf([])).toEqual([]);
    // TRL logs sums over a side, not means over its tokens.
    const [likelihood] = chartsOf([{ step: 1, values: { "logps/chosen": -351.2 } }]);
    expect([likelihood?.title, likelihood?.summary]).toEqual([
      "Likelihood of a whole side",
      expect.stringMatching(/summed, in nats.*−351 at first/),
    ]);
  });

  test("numbers are said as people say them", () => {
    expect(progress({ step: null, steps: null })).toBe("–");
    expect(progress({ step: 3, steps: 1200 })).toBe("3 of 1,200");
    expect([timeLeft(0.2), timeLeft(600), timeLeft(7200)]).toEqual([
      "about 1 s left",
      "about 10 min left",
      "about 2.0 h left",
    ]);
    expect(interval({ mean: 0.5, low: 0.4, high: 0.6, pairs: 9, tasks: 9 })).toBe("50.0 % [40.0 %, 60.0 %]");
  });
});
