import { expect, test } from "vitest";
import type { Row, RowRating, RowSide } from "../../../../api/dataset-rows";
import {
  agreementOf,
  axisWords,
  beginningOf,
  categoryOf,
  checksOf,
  imagesOf,
  leftOutOf,
  onRowSides,
  ratingWords,
  standingOf,
  titleOf,
  verdictOf,
} from "./row-words";
import { readRowSearch } from "./search";

const agg = (label: string, more: Partial<Row["agg"]> = {}): Row["agg"] => ({
  ...{ label, strength: label === "A" || label === "B" ? 2 : 0, n: 1, agreement: 1, method: "single", axes: {} },
  ...more,
});

test("a side is chosen or rejected only where it is trained on so", () => {
  const of = (label: string, pairs: boolean) => {
    const row = { agg: agg(label), pairs };
    return [standingOf(row, "A").words, standingOf(row, "B").words];
  };
  expect(of("B", true)).toEqual(["Rejected", "Chosen"]);
  expect(of("B", false)).toEqual(["Not preferred", "Preferred"]);
  expect([of("equal", false), of("both_bad", false), of("split", false)].map(([words]) => words)).toEqual([
    "Equal",
    "Both bad",
    "Undecided",
  ]);
});

test("a verdict and an axis are told on the scale on which they were given", () => {
  expect([verdictOf(agg("A")), verdictOf(agg("B", { strength: 3 })), verdictOf(agg("split"))]).toEqual([
    "A is better",
    "B is much better",
    "People disagree, and nobody decided",
  ]);
  expect([-3, -1.67, -0.33, 0, 0.5].map(axisWords)).toEqual([
    "A is much better",
    "A is better (mean 1.67 of 3)",
    "Slightly for A (mean 0.33 of 3)",
    "Equal",
    "B is slightly better (mean 0.5 of 3)",
  ]);
});

test("who says so is told, and who decided", () => {
  expect(agreementOf(agg("A"))).toBe("1 person");
  expect(agreementOf(agg("A", { n: 3, agreement: 0.6667 }))).toBe("2 of 3 people say so");
  expect(agreementOf(agg("A", { n: 2, agreement: 0.5, method: "label of record" }))).toMatch(/an operator decided$/);
  expect(ratingWords({ verdict: "preference", preferred: "B", strength: 1 } as RowRating)).toBe("B is slightly better");
  expect(ratingWords({ verdict: "both_bad", preferred: null, strength: 0 } as RowRating)).toBe("Both bad");
});

test("of a side's checks the worst is told first, and what it mended", () => {
  const of = (newly_failing: number, ...checks: [string, string][]) =>
    checksOf({
      outcome: "completed",
      newly_failing,
      checks: checks.map(([status, against_base]) => ({ kind: "acceptance", name: "", status, against_base })),
    } as RowSide);
  expect(of(2, ["failed", "newly_failing"], ["failed", "newly_failing"], ["passed", "newly_passing"])).toEqual({
    words: "2 checks newly failing",
    tone: "bad",
  });
  expect(of(0, ["passed", "newly_passing"])).toEqual({ words: "1 check newly passing", tone: "good" });
  expect(of(0, ["failed", "same"], ["passed", "same"]).words).toBe("1 check failing, as on the base");
  expect([of(0, ["warning", "unknown"]).words, of(0).words]).toEqual(["no check failing", "no checks"]);
  expect(checksOf({ outcome: "timed_out", newly_failing: 0, checks: [] }).tone).toBe("bad");
});

test("an image is named once, with its hash where that is known", () => {
  const side = { base_image: "debian sha256:e5b6", backend: "bubblewrap 0.8.0" } as RowSide;
  expect(imagesOf({ image: "debian", a: side, b: side })).toBe("debian sha256:e5b6 · bubblewrap 0.8.0");
  const other = { ...side, base_image: "debian-12" } as RowSide;
  expect(imagesOf({ image: "debian", a: other, b: other })).toBe("debian, debian-12 · bubblewrap 0.8.0");
});

test("a longer text begins with whole words", () => {
  expect(beginningOf("short", 10)).toBe("short");
  expect(beginningOf("one two three", 9)).toBe("one two…");
  expect(beginningOf("a first part\n\nand more", 18)).toBe("a first part");
  expect(beginningOf("withoutanyblank", 7)).toBe("without…");
});

test("why a row is not in all views", () => {
  const row = { pairs: true, pairs_refused: null, trajectory: true, trajectory_refused: null };
  expect(leftOutOf(row)).toBeNull();
  expect(leftOutOf({ ...row, trajectory: false, trajectory_refused: "compaction" })).toMatch(/^In patch views only/);
  expect(leftOutOf({ ...row, pairs: false, pairs_refused: "a gold task" })).toBe("Not in pairwise views: a gold task.");
});

test("what somebody cites who saw the sides swapped is on the other side here", () => {
  const citation = { kind: "file", side: "A", path: "a.py", lines: null, at: "result" } as const;
  expect([onRowSides(citation, false).side, onRowSides(citation, true).side]).toEqual(["A", "B"]);
});

test("a title is a line, and a category a word", () => {
  expect([titleOf("\nFix it.\nSoon."), titleOf("  ")]).toEqual(["Fix it.", "A request without words"]);
  expect([categoryOf("bug_fix"), categoryOf("data_science")]).toEqual(["Bug fix", "Data science"]);
});

test("an address names a row by its id or by its place", () => {
  expect(readRowSearch({ row: 12, view: "json" })).toEqual({ row: "12", view: "json" });
  expect(readRowSearch({ split: "test", number: 3, side: "C" })).toEqual({ split: "test", number: 3 });
  expect(readRowSearch({ number: 0, split: "dev" })).toEqual({});
});
