import { expect, test } from "vitest";
import type { Manifest } from "../../../api/datasets";
import { filtersOf, heldTogetherBy, loading, rowsOf, tuningOf, viewsOf, viewToLoad } from "./words";

const manifest = {
  filters: {
    categories: ["bug_fix", "feature"],
    turns: [],
    min_strength: 2,
    min_agreement: 0,
    min_reliability: 0,
    keep_unestimated: false,
    scrub_models: false,
    drop_near_duplicates: true,
    decisions: {},
  },
  split: { rows: { train: 8, test: 2 } },
  views: { trl_pref: { rows: { train: 5 } } },
} as unknown as Manifest;

test("only filters that keep something out are told", () => {
  expect(filtersOf(manifest)).toEqual([
    ["categories", "bug_fix, feature"],
    ["min strength", "2"],
    ["drop near duplicates", "yes"],
  ]);
});

test("canonical rows come first, and a split without rows has none", () => {
  expect(viewsOf(manifest)).toEqual(["rows", "trl_pref"]);
  expect([rowsOf(manifest, "rows", "test"), rowsOf(manifest, "trl_pref", "test")]).toEqual([2, 0]);
});

test("what is offered has rows, and where tuning would refuse the reason is told", () => {
  const made = (views: Record<string, { train?: number; test?: number }>, rows = {}, test_fraction = 0.1) =>
    ({
      split: { rows, test_fraction },
      views: Object.fromEntries(Object.entries(views).map(([name, counts]) => [name, { rows: counts }])),
    }) as unknown as Manifest;
  const both = { train: 3, test: 1 };
  expect(viewToLoad(made({ trl_pref: {}, patch_pref: both }))).toBe("patch_pref");
  expect(viewToLoad(made({ trl_pref: {}, kto: both }))).toBe("kto");
  expect([viewToLoad(made({}, both)), viewToLoad(made({}))]).toEqual(["rows", null]);
  expect(loading("/data", "rows")).toBe('import datasets; datasets.load_dataset("/data", "rows")');
  expect(tuningOf(made({ trl_pref: both, patch_pref: both }))).toEqual({ view: "trl_pref" });
  expect(tuningOf(made({ trl_pref: { train: 3 }, patch_pref: both }))).toEqual({ view: "patch_pref" });
  const refused = [made({ kto: both }), made({ patch_pref: { train: 2 } }, {}, 0), made({ trl_pref: { train: 2 } })];
  expect(refused.map((one) => Object.values(tuningOf(one))[0])).toEqual([
    expect.stringContaining("have no pairs to train on"),
    expect.stringContaining("--no-test-split"),
    expect.stringContaining("no pairs of trl_pref are held out"),
  ]);
});

test("what holds rows together is told in words", () => {
  expect(["repository", "base_commit", "near_request"].map(heldTogetherBy)).toEqual([
    "repository",
    "base commit",
    "nearly the same request",
  ]);
});

test("what a pulled dataset names itself and its views ends no text of the code to copy", () => {
  expect(loading('/data/a"b', "trl_pref")).toBe(
    'from marlin.dataset_files import load_dataset; load_dataset("/data/a\\"b", "trl_pref")',
  );
  expect(loading("/data", 'axes/"); import os; ("')).toContain('load_dataset("/data", "axes/\\"); import os; (\\"")');
});
