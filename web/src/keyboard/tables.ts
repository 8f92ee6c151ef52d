import { CHANGES_KEYS, type KeyBinding } from "../pages/comparison/keys";

/**
 * Every key of the app, in one place: what listens, the help overlay and the command palette all read these tables.
 *
 * `keys` is what `KeyboardEvent.key` says; two keys one after the other stand with a blank between them ("g t"), "Mod" is
 * Ctrl, or Cmd on a Mac. Keys without Mod can be switched off (WCAG 2.1.4), and never count while somebody types.
 */

export const APP_KEYS = [
  { id: "palette", keys: "Mod+k", label: "Search for a page, a task or a command", group: "Everywhere" },
  { id: "help", keys: "?", label: "Show these keys", group: "Everywhere" },
  { id: "go-tasks", keys: "g t", label: "Go to my tasks", group: "Everywhere" },
  { id: "go-reviews", keys: "g r", label: "Go to the reviews", group: "Everywhere" },
  { id: "go-operate", keys: "g o", label: "Go to the operator’s pages", group: "Everywhere" },
] as const satisfies readonly KeyBinding[];

export const COMPARISON_KEYS = [
  { id: "view-changes", keys: "g c", label: "Show the changes", group: "Comparison" },
  { id: "view-files", keys: "g f", label: "Show the files", group: "Comparison" },
  { id: "view-transcript", keys: "g s", label: "Show the transcripts, step by step", group: "Comparison" },
  { id: "view-checks", keys: "g k", label: "Show the checks", group: "Comparison" },
  { id: "view-brief", keys: "g b", label: "Show the brief", group: "Comparison" },
  { id: "to-rating", keys: "r", label: "Go to the rating or the next step", group: "Comparison" },
  { id: "toggle-rating", keys: "\\", label: "Hide or show the rating", group: "Comparison" },
  { id: "toggle-terminals", keys: "g h", label: "Hide or show the terminals", group: "Comparison" },
  { id: "previous-turn", keys: "g p", label: "Earlier turn", group: "Comparison" },
  { id: "next-turn", keys: "g n", label: "Later turn", group: "Comparison" },
] as const satisfies readonly KeyBinding[];

export const ROW_KEYS = [
  { id: "next-row", keys: ".", label: "Next row", group: "Row of a dataset" },
  { id: "previous-row", keys: ",", label: "Previous row", group: "Row of a dataset" },
  { id: "row-json", keys: "g j", label: "Show the row’s JSON", group: "Row of a dataset" },
] as const satisfies readonly KeyBinding[];

/** Keys that belong to a part of the page which has the focus: they are listed, the part itself listens. */
export const PLACE_KEYS = [
  { id: "points", keys: "1 … 7", label: "Choose a point of the scale that has the focus", group: "Rating" },
  { id: "leave-text", keys: "Esc", label: "Leave a text, back to the code", group: "Rating" },
  { id: "transcript-enter", keys: "Enter", label: "Step into a transcript; Esc steps out", group: "Transcripts" },
  {
    id: "transcript-step",
    keys: "↑ ↓",
    label: "Step by step; Enter opens one, Tab goes into it",
    group: "Transcripts",
  },
  { id: "transcript-search", keys: "/", label: "Search, with a transcript in focus", group: "Transcripts" },
  { id: "search-next", keys: "Enter", label: "Next place found; Shift+Enter the one before", group: "Transcripts" },
  { id: "transcript-end", keys: "End", label: "Jump to the latest step", group: "Transcripts" },
  { id: "terminal-leave", keys: "F6", label: "Leave a terminal’s shell; F6 again goes back in", group: "Terminals" },
  { id: "terminal-end", keys: "Delete", label: "End the terminal whose tab has the focus", group: "Terminals" },
] as const satisfies readonly KeyBinding[];

export const ALL_KEYS: readonly KeyBinding[] = [
  ...APP_KEYS,
  ...COMPARISON_KEYS,
  ...CHANGES_KEYS,
  ...ROW_KEYS,
  ...PLACE_KEYS,
];

export const KEYS = new Map<string, KeyBinding>(ALL_KEYS.map((binding) => [binding.id, binding]));
