import { describe, expect, it } from "vitest";
import type { Held } from "../../api/work";
import { comparisonIn, drawn, percent } from "./words";

describe("words of work", () => {
  const id = "01a2b3c4-0000-7000-8000-00000000abcd";

  it("finds a comparison in an address, an id or neither", () => {
    expect(comparisonIn(`https://marlin.example.org/comparisons/${id}?turn=1`)).toBe(id);
    expect(comparisonIn(id.toUpperCase())).toBe(id);
    expect(comparisonIn("the one of yesterday")).toBeNull();
  });

  it("says how results were chosen", () => {
    const held = (item: unknown) => ({ draw: item ? { item } : {} }) as unknown as Held;
    expect(drawn(held(null))).toBe("");
    expect(drawn(held({ by: "evidence", probability: 0.125 }))).toBe("by evidence, chance 12.5 %");
    expect(drawn(held({ by: "chance", probability: 0.5, why: "Too little to go by." }))).toBe(
      "by lot, chance 50 %: Too little to go by.",
    );
  });

  it("rounds shares to a tenth of a percent", () => {
    expect(percent(0.1)).toBe("10 %");
    expect(percent(0.1234)).toBe("12.3 %");
  });
});
