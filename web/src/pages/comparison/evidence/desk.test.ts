import { describe, expect, it } from "vitest";
import { findCitations } from "./citation";
import { tokenOf } from "./desk";

describe("what is clicked", () => {
  it("becomes a token that reads back", () => {
    const lines = { kind: "lines", side: "A", path: "src/a b.py", at: "base", from: 4, to: 4, text: "x" } as const;
    expect(tokenOf(lines)).toBe("[A#src/a b.py:4@base]");
    expect(tokenOf({ ...lines, at: "result", to: 9 })).toBe("[A#src/a b.py:4-9]");
    const step = tokenOf({ kind: "step", side: "B", step: 14, text: "Run: pytest" });
    expect(findCitations(step)[0]?.citation).toEqual({ kind: "step", side: "B", step: 14 });
  });
});
