import { describe, expect, it } from "vitest";
import { type Choice, chosen, isSame, reconcile, together, type Version } from "./reconcile";

/** Numbers that look random and are the same in each run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const WORDS = ["A quotes", "B joins", "the last row", " ", "\n", "😀", "\u202e", "", "[A#x.py:3]", "why?"];
const FIELDS = ["justification", "strengths_a", "axes.security", "overall"];

function anyText(roll: (sides: number) => number): string {
  return Array.from({ length: roll(5) }, () => WORDS[roll(WORDS.length)]).join("");
}

function anyVersion(roll: (sides: number) => number): Record<string, unknown> {
  return Object.fromEntries(
    FIELDS.filter(() => roll(6) > 0).map((field, index) => [
      field,
      index < 2 ? anyText(roll) : roll(3) === 0 ? null : roll(7) - 3,
    ]),
  );
}

/** A version that somebody made of another: some fields left alone, some added to, some written anew. */
function edited(roll: (sides: number) => number, from: Version): Record<string, unknown> {
  const fresh = anyVersion(roll);
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      if (roll(2) === 0 && field in from) return [[field, from[field]]];
      if (roll(2) === 0 && typeof from[field] === "string") return [[field, from[field] + anyText(roll)]];
      return field in fresh ? [[field, fresh[field]]] : [];
    }),
  );
}

function cases(count: number) {
  return Array.from({ length: count }, (_, seed) => {
    const roll = dice(seed + 1);
    const base = anyVersion(roll);
    return { base: roll(4) === 0 ? null : base, mine: edited(roll, base), theirs: edited(roll, base) };
  });
}

const holds = (whole: unknown, part: unknown) =>
  isSame(whole, part) ||
  (typeof part === "string" && (part.trim() === "" || (typeof whole === "string" && whole.includes(part)))) ||
  part == null;

describe("two versions of a draft", () => {
  it("lose nothing that either has typed, unless somebody is asked", () => {
    let asked = 0;
    for (const { base, mine, theirs } of cases(3000)) {
      const { merged, conflicts } = reconcile(base, mine, theirs);
      asked += conflicts.length;
      for (const field of FIELDS) {
        if (conflicts.includes(field)) continue;
        for (const own of [mine, theirs]) {
          const untouched = base !== null && isSame(base[field], own[field]);
          expect(holds(merged[field], own[field]) || untouched, JSON.stringify({ field, base, mine, theirs })).toBe(
            true,
          );
        }
      }
    }
    expect(asked).toBeGreaterThan(100);
  });

  it("ask about nothing that both say alike, or that one of them left alone", () => {
    for (const { base, mine, theirs } of cases(1000)) {
      expect(reconcile(base, mine, mine)).toEqual({ merged: mine, conflicts: [] });
      if (base === null) continue;
      expect(reconcile(base, base, theirs).conflicts).toEqual([]);
      expect(reconcile(base, mine, base).conflicts).toEqual([]);
    }
  });

  it("are the same question, whoever asks", () => {
    for (const { base, mine, theirs } of cases(1000)) {
      const here = reconcile(base, mine, theirs);
      const there = reconcile(base, theirs, mine);
      expect([...here.conflicts].sort()).toEqual([...there.conflicts].sort());
      for (const field of FIELDS) {
        if (here.conflicts.includes(field)) continue;
        const [one, other] = [here.merged[field], there.merged[field]];
        const nothing = String(one ?? "").trim() === "" && String(other ?? "").trim() === "";
        expect(isSame(one, other) || nothing, JSON.stringify({ field, base, mine, theirs })).toBe(true);
      }
    }
  });

  it("are put together as chosen, word for word", () => {
    for (const { mine, theirs } of cases(1000)) {
      const take = (choice: Choice) => chosen(mine, theirs, Object.fromEntries(FIELDS.map((field) => [field, choice])));
      for (const field of FIELDS) {
        expect(take({ take: "mine" })[field]).toEqual(mine[field]);
        expect(take({ take: "theirs" })[field]).toEqual(theirs[field]);
        expect(take({ take: "own", text: "x" })[field]).toBe("x");
        const both = String(take({ take: "both" })[field]);
        expect(both).toContain(String(mine[field] ?? "").trim());
        expect(both).toContain(String(theirs[field] ?? "").trim());
      }
      expect(chosen(mine, theirs, {})).toEqual(mine);
    }
  });

  it("stand once where one holds the other", () => {
    expect(together("A quotes.", "A quotes. B joins.")).toBe("A quotes. B joins.");
    expect(together("A quotes.\n", "\nB joins.")).toBe("A quotes.\nB joins.");
  });
});
