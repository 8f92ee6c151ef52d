import { expect, test } from "vitest";
import type { Manifest } from "../../../api/datasets";
import { filtersOf, rowsOf, viewsOf } from "./words";

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
