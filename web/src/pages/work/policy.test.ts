import { describe, expect, it } from "vitest";
import type { Policy } from "../../api/work";
import { changed, PARTS, type Part, shownValue, storedValue } from "./policy";

const part = (name: keyof Policy) => PARTS.find((one) => one.name === name) as Part;
const policy = { overlap_rate: 0.15, overlap_price_cents: 9050, max_comparisons: null, overlap_people: 2 } as Policy;

describe("the numbers of a policy", () => {
  it("shows shares in percent and prices in dollars, and stores them as they were", () => {
    expect(shownValue(part("overlap_rate"), policy)).toBe(15);
    expect(shownValue(part("overlap_price_cents"), policy)).toBe(90.5);
    expect(shownValue(part("max_comparisons"), policy)).toBe("");
    expect(storedValue(part("overlap_rate"), 12.5)).toEqual({ overlap_rate: 0.125 });
    expect(storedValue(part("overlap_price_cents"), 90.5)).toEqual({ overlap_price_cents: 9050 });
  });

  it("takes an empty field as no limit, or as nothing", () => {
    expect(storedValue(part("max_comparisons"), "")).toEqual({ max_comparisons: null });
    expect(storedValue(part("overlap_people"), "")).toEqual({});
  });

  it("sends only what differs", () => {
    expect(changed(policy, { overlap_rate: 0.15, overlap_people: 3 })).toEqual({ overlap_people: 3 });
  });
});
