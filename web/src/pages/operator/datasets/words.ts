import type { DatasetRow, Manifest, Split } from "../../../api/datasets";
import { ROWS } from "../../../api/datasets";

export const STATES: Record<DatasetRow["state"], { words: string; colour: string }> = {
  ready: { words: "Ready", colour: "green" },
  gone: { words: "Folder is gone", colour: "gray" },
  unreadable: { words: "Can’t be read", colour: "red" },
};

/** What of a dataset a row is missing from, for people. */
export const SCOPES: Record<string, string> = {
  dataset: "the dataset",
  pairs: "pairs",
  trajectories: "trajectories",
  patches: "patch views",
  ratings: "ratings that count",
  people: "people who count",
};

/** The views that can be looked at, the canonical rows first. */
export function viewsOf(manifest: Manifest): string[] {
  return [ROWS, ...Object.keys(manifest.views)];
}

/** How many rows of a view a split has. */
export function rowsOf(manifest: Manifest, view: string, split: Split): number {
  const counted = view === ROWS ? manifest.split.rows : (manifest.views[view]?.rows ?? {});
  return counted[split] ?? 0;
}

/** Filters that keep anything out, as `name: value`. */
export function filtersOf(manifest: Manifest): [string, string][] {
  const neutral: Record<string, unknown> = { min_strength: 1, min_agreement: 0, min_reliability: 0 };
  return Object.entries(manifest.filters).flatMap(([name, value]): [string, string][] => {
    if (value === false || value === null || value === neutral[name]) return [];
    const text = Array.isArray(value)
      ? value.join(", ")
      : typeof value === "object"
        ? String(Object.keys(value as object).length || "")
        : value === true
          ? "yes"
          : String(value);
    return text === "" ? [] : [[name.replaceAll("_", " "), text]];
  });
}
