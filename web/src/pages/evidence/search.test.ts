import { describe, expect, it } from "vitest";
import { filterCount, nextSort, readEvidenceSearch, readSort, sliceOf } from "./search";

describe("readEvidenceSearch", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(
      readEvidenceSearch({
        tab: "leaderboard",
        axis: "security",
        turns: "third",
        scores: "held",
        flagged: "true",
        x: 1,
      }),
    ).toEqual({ tab: "leaderboard", axis: "security", scores: "held", flagged: true });
    expect(readEvidenceSearch({ tab: "secrets", category: "", language: 7 })).toEqual({});
  });
  it("refuses what no name is as long as", () => {
    expect(readEvidenceSearch({ agent: "a".repeat(501) })).toEqual({});
  });
});

describe("slices", () => {
  it("send only what was chosen", () => {
    expect(sliceOf({ tab: "leaderboard", language: "go", turns: "first", flagged: true })).toEqual({
      language: "go",
      turn: "first",
    });
  });
  it("count filters, not the axis", () => {
    expect(filterCount({ axis: "security", language: "go", turns: "first" })).toBe(2);
  });
});

describe("sorting", () => {
  it("begins with the most votes", () => {
    expect(readSort(undefined)).toEqual({ column: "votes", down: true });
    expect(readSort("-nonsense")).toEqual({ column: "votes", down: true });
  });
  it("turns round at the second click, and begins names with A", () => {
    expect(nextSort(undefined, "votes")).toBe("votes");
    expect(nextSort("votes", "votes")).toBe("-votes");
    expect(nextSort("-votes", "name")).toBe("name");
    expect(nextSort("name", "agreement")).toBe("-agreement");
  });
});
