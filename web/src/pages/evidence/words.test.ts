import { describe, expect, it } from "vitest";
import type { Look } from "../../api/evidence-types";
import * as words from "./words";

const look = (over: Partial<Look>): Look => ({
  number: 1,
  comparisons: 78,
  reached: false,
  upper: 2.4,
  futility: null,
  z: null,
  crossed: null,
  share: null,
  ...over,
});

describe("the headline’s interval", () => {
  it("is of the last look that was, with the level it holds", () => {
    const share = { estimate: 0.57, low: 0.52, high: 0.62 };
    expect(words.lookWords({ looks: [look({}), look({ number: 2 })] })).toMatch(/^No look/);
    expect(words.lookWords({ looks: [look({ share }), look({ number: 2 })] })).toBe(
      "At look 1 of 2, after 78 comparisons.",
    );
    expect(words.withRange(share, words.percent, 0.9)).toBe("57\u00a0%, 90\u00a0% interval 52\u00a0% to 62\u00a0%");
  });
});

describe("numbers", () => {
  it("have a real minus, and no sign at nought", () => {
    expect([words.signed(34.4), words.signed(-12), words.signed(-0.2), words.signed(null)]).toEqual([
      "+34",
      "−12",
      "0",
      "–",
    ]);
    expect([words.plain(-1.234), words.plain(-0.001), words.plain(2)]).toEqual(["−1.23", "0.00", "2.00"]);
  });
  it("keep the per cent with its number", () => {
    expect(words.percent(0.574)).toBe("57\u00a0%");
    expect(words.percent(null)).toBe("–");
    expect([0.025, 0.525, 0.95, 0.001, 0.999999, 0.000001].map(words.exactly)).toEqual(
      ["2.5", "52.5", "95", "0.1", "99.9999", "0.0001"].map((digits) => `${digits}\u00a0%`),
    );
  });
  it("say ranges only where there are any", () => {
    expect(words.range({ estimate: 1, low: null, high: null }, words.signed)).toBe("");
    expect(words.withRange({ estimate: null, low: null, high: null }, words.signed)).toBe("not known");
    expect(words.withRange({ estimate: 0.57, low: 0.51, high: 0.63 }, words.percent)).toBe(
      "57\u00a0%, 95\u00a0% interval 51\u00a0% to 63\u00a0%",
    );
  });
  it("say a rank as the range that is open", () => {
    expect(words.ranks({ rank: 2, rank_low: 1, rank_high: 3 })).toBe("1–3");
    expect(words.ranks({ rank: 2, rank_low: 2, rank_high: 2 })).toBe("2");
    expect(words.ranks({ rank: null, rank_low: null, rank_high: null })).toBe("–");
  });
});

describe("loudAndQuiet", () => {
  it("parts the first sentence from the rest, and no number in two", () => {
    expect(words.loudAndQuiet("v2.1 leads with 57.5 %. Buy about 40 more.")).toEqual([
      "v2.1 leads with 57.5 %.",
      "Buy about 40 more.",
    ]);
    expect(words.loudAndQuiet("B is preferred, 57 %; stop")).toEqual(["B is preferred, 57 %; stop", ""]);
  });
});

describe("boundariesSummary", () => {
  const arms = { arms: ["old", "new"], sides: 2 as const };
  it("says when the first look comes", () => {
    expect(words.boundariesSummary([look({})], arms)).toBe("No look yet; the first is after 78 comparisons.");
  });
  it("says which line was crossed", () => {
    const reached = { reached: true, z: 2.7 };
    expect(words.boundariesSummary([look({ ...reached, crossed: "second" })], arms)).toContain("new is preferred");
    expect(words.boundariesSummary([look({ ...reached, z: -2.7, crossed: "first" })], arms)).toContain(
      "old is preferred",
    );
    expect(words.boundariesSummary([look({ ...reached, z: 0.1, futility: 0.6, crossed: "futility" })], arms)).toContain(
      "no difference that matters will be found",
    );
    expect(words.boundariesSummary([look({ ...reached, z: 1 }), look({ number: 2 })], arms)).toBe(
      "At look 1 of 2 z is 1.00, between the boundaries of ±2.40.",
    );
  });
});

describe("plans", () => {
  const plan = {
    price_usd: 280,
    most_comparisons: 780,
    power: 0.8,
    fixed_comparisons: 654 as number | null,
    fixed_usd: 183_120,
    most_usd: 218_400,
    curve: [
      { share: 0.5, power: 0.05, futile: 0.9, mean_comparisons: 386, mean_usd: 108_080 },
      { share: 0.55, power: 0.8, futile: 0.2, mean_comparisons: 327, mean_usd: 91_560 },
    ],
    looks: [],
    provenance: { method: "", data_hash: "", computed_at: "", versions: {}, notes: [] },
  };
  it("are told at the effect that was asked about, in dollars and beside the fixed design", () => {
    expect(words.planSummary(plan, 0.56)).toContain(
      "found in 80 of 100 campaigns, after 327 comparisons on average: $91,560, 50",
    );
    expect(words.planSummary({ ...plan, fixed_comparisons: null, fixed_usd: null }, 0.55)).toMatch(/\$91,560\.$/);
    expect(words.planSummary({ ...plan, curve: [] }, 0.55)).toBe("Nothing was computed.");
  });
});

describe("flags", () => {
  it("always come with something to do", () => {
    expect(words.flagAdvice("Prefers one side of the screen more than chance explains.")).toContain("Sides are drawn");
    expect(words.flagAdvice("Prefers b in 100% of 10 votes; others did in 30% on the same pairs.")).toContain(
      "collude",
    );
    expect(words.flagAdvice("Missed the known answer of most gold tasks: right in 0% of 4.")).toContain("gold tasks");
    expect(words.flagAdvice("something new")).toContain("before you rely on them");
  });
});

describe("axisLabel", () => {
  it("takes the rubric's word, or makes the name readable", () => {
    expect(words.axisLabel("code_quality")).toBe("Code quality");
  });
});

describe("a question that counts how strongly", () => {
  const strength = { counts: "strength" as const };
  it("is told in grades, a share in percent", () => {
    const told = { estimate: 0.6, low: 0.5, high: 1 };
    const lead = words.inUnit(told, strength);
    expect(words.withRange(lead, words.sayingOf(strength).say)).toBe("+0.60, 95\u00a0% interval 0.00 to +3.00");
    expect(words.inUnit(told, { counts: "side" })).toBe(told);
    expect(words.inUnit({ estimate: null, low: null, high: null }, strength).estimate).toBeNull();
  });
  it("keeps what is no share", () => {
    expect(words.inUnit({ comparisons: 8, share: 0.25, low: 0, high: 0.5 }, strength)).toEqual({
      comparisons: 8,
      share: -1.5,
      low: -3,
      high: 0,
    });
  });
});

describe("the plain share of votes", () => {
  it("counts an equal verdict half, and both bad not at all", () => {
    expect(words.plainShare({ wins: 3, losses: 0, ties: 0 })).toBe(1);
    expect(words.plainShare({ wins: 2, losses: 1, ties: 1 })).toBe(0.625);
    expect(words.plainShare({ wins: 0, losses: 0, ties: 0 })).toBeNull();
  });
});

describe("what is registered beside the question", () => {
  it("tells what differs from nothing, and what happens when it is decided", () => {
    const plain = { icc: 0, contributors: null, equal_share: 0, when_decided: "tell" } as const;
    expect(words.besideQuestion(plain, null)).toBe("When it is decided you are told; nothing pauses by itself.");
    const all = { icc: 0.05, contributors: 1200, equal_share: 0.125, when_decided: "pause" } as const;
    expect(words.besideQuestion(all, "Checks passed")).toBe(
      "Control variate: checks passed. 1,200 contributors are expected, with an ICC of 0.05 of one person’s votes. " +
        "12.5\u00a0% of verdicts are expected to be equal. New assignments pause by themselves when it is decided.",
    );
  });
});
