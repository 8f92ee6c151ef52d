import type { DatasetRow, Manifest, Split } from "../../../api/datasets";
import { ROWS } from "../../../api/datasets";
import { pythonText } from "../../../components/text/commands";

export const STATES: Record<DatasetRow["state"], { words: string; colour: string }> = {
  // Its manifest was read, nothing else: whether its files are whole, `marlin dataset verify` proves.
  ready: { words: "Readable", colour: "gray" },
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

/** Views of pairs that `marlin tune dpo` learns from, the one it takes by itself first. */
const PAIRS = ["trl_pref", "patch_pref"];

/** The view to load: the first with rows, or the canonical rows; null where there are none. */
export function viewToLoad(manifest: Manifest): string | null {
  const full = (view: string) => rowsOf(manifest, view, "train") + rowsOf(manifest, view, "test") > 0;
  return [...PAIRS, "reward", "kto", "sft", ROWS].find(full) ?? null;
}

/** A line of Python that loads a view; the canonical rows are no view, and are read one after the other. */
export function loading(path: string, view: string): string {
  return view === ROWS
    ? `import datasets; datasets.load_dataset(${pythonText(path)}, "${ROWS}")`
    : `from marlin.dataset_files import load_dataset; load_dataset(${pythonText(path)}, ${pythonText(view)})`;
}

/** The view to tune on, or why there is none: tuning needs pairs to learn from and held-out pairs to be measured by. */
export function tuningOf(manifest: Manifest): { view: string } | { refusal: string } {
  const pairs = [...PAIRS, ...Object.keys(manifest.views).filter((view) => view.startsWith("axes/"))];
  const trained = pairs.filter((view) => rowsOf(manifest, view, "train") > 0);
  const view = trained.find((one) => rowsOf(manifest, one, "test") > 0);
  if (view) return { view };
  const cant = "It can’t be tuned on: ";
  if (trained.length === 0) return { refusal: `${cant}${PAIRS.join(" and ")} have no pairs to train on.` };
  if (manifest.split.test_fraction === 0)
    return { refusal: `${cant}it was built with --no-test-split, so no pairs are held out to measure a run by.` };
  return { refusal: `${cant}no pairs of ${trained.join(" or ")} are held out to measure a run by.` };
}

/** What rows share that are always in one split, for people. */
export function heldTogetherBy(name: string): string {
  return name === "near_request" ? "nearly the same request" : name.replaceAll("_", " ");
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
