import { describe, expect, it } from "vitest";
import type { Standing } from "../../../api/evidence-types";
import { meetings, turned } from "./meetings";
import { standingsSummary } from "./summary";

describe("meetings", () => {
  it("are seen from both sides, shares and intervals turned round", () => {
    const found = meetings([
      {
        ...{ first: "old", second: "new", votes: 20, first_wins: 6, second_wins: 9, ties: 4, both_bad: 1 },
        share: { estimate: 0.6, low: 0.4, high: 0.75 },
      },
    ]);
    expect(found.get("new\nold")).toMatchObject({ wins: 9, losses: 6, share: { estimate: 0.6, low: 0.4, high: 0.75 } });
    expect(found.get("old\nnew")).toMatchObject({ wins: 6, losses: 9, share: { estimate: 0.4, low: 0.25, high: 0.6 } });
  });
  it("leave what is not known unknown", () => {
    expect(turned({ estimate: null, low: null, high: 0.4 })).toEqual({ estimate: null, low: 0.6, high: null });
  });
});

const standing = (
  arm: string,
  rank: number | null,
  low: number | null = rank,
  high: number | null = rank,
): Standing => ({
  ...{ arm, agent: "", votes: 0, wins: 0, losses: 0, ties: 0, both_bad: 0, week_change: null },
  ...{ rank, rank_low: low, rank_high: high, score: { estimate: rank, low: null, high: null } },
});

describe("standingsSummary", () => {
  it("calls nobody first while the place is open", () => {
    expect(standingsSummary([standing("a", 1, 1, 2), standing("b", 2, 1, 2), standing("c", 3)])).toBe(
      "a has the highest score, but the first place is open between a, b.",
    );
    expect(standingsSummary([standing("a", 1), standing("b", 2)])).toContain("more than chance");
  });
  it("says which arms can't be scored", () => {
    expect(standingsSummary([standing("a", 1), standing("b", 2), standing("c", null)])).toContain(
      "One arm has no score",
    );
    expect(standingsSummary([standing("a", null)])).toBe("No arm can be scored yet.");
  });
});
