import { expect, test } from "vitest";
import { firstPatches, openingTurn, patchAddress } from "./first-patches";
import type { Comparison } from "./types";

const turn = (number: number, status: string, commits: [string | null, string | null]) => ({
  ...{ number, status },
  sides: { A: { commit: commits[0] }, B: { commit: commits[1] } },
});
const comparison = (...turns: unknown[]) => ({ id: "c", mine: true, turns }) as unknown as Comparison;

test("the wanted turn's patches are shown first, else the last's", () => {
  const both = comparison(turn(1, "ready", ["a", "b"]), turn(2, "checking", ["c", null]));
  expect(firstPatches(both, 1).map(({ turn, from, to }) => [turn, from, to])).toEqual([
    [1, "base", "A"],
    [1, "base", "B"],
  ]);
  expect(firstPatches(both, Number.NaN).map(({ turn, from, to }) => [turn, from, to])).toEqual([[2, "start", "A"]]);
});

test("whoever reads another person's work begins at its first turn", () => {
  const both = comparison(turn(1, "ready", ["a", "b"]), turn(2, "ready", ["c", "d"]));
  expect(openingTurn(both, undefined)?.number).toBe(2);
  expect(openingTurn({ ...both, mine: false }, undefined)?.number).toBe(1);
  expect(openingTurn({ ...both, mine: false }, 2)?.number).toBe(2);
});

test("a turn that runs has none, nor has a comparison without turns", () => {
  expect(firstPatches(comparison(turn(1, "running", ["a", "b"])), undefined)).toEqual([]);
  expect(firstPatches(comparison(), 1)).toEqual([]);
});

test("white space is part of the address only when it is left out", () => {
  const request = { comparison: "c", turn: 1, from: "base", to: "A", ignoreWhitespace: false } as const;
  expect(patchAddress(request).query.whitespace).toBeUndefined();
  expect(patchAddress({ ...request, ignoreWhitespace: true }).query.whitespace).toBe("ignore");
});
