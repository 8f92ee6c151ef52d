/**
 * The keys of the comparison's views, in one place: the views listen by this table, and the help overlay and the
 * command palette list it. Keys follow Gerrit's where it has one, so that a reviewer's hands know them already.
 *
 * `keys` is what `KeyboardEvent.key` says ("]", "N"; a capital letter means Shift). A key counts only while nobody types.
 */
export interface KeyBinding {
  id: string;
  keys: string;
  label: string;
  group: string;
}

export const CHANGES_KEYS = [
  { id: "next-change", keys: "n", label: "Next change", group: "Changes" },
  { id: "previous-change", keys: "p", label: "Previous change", group: "Changes" },
  { id: "next-file", keys: "]", label: "Next file", group: "Changes" },
  { id: "previous-file", keys: "[", label: "Previous file", group: "Changes" },
  { id: "next-note", keys: "N", label: "Next comment or citation", group: "Changes" },
  { id: "previous-note", keys: "P", label: "Previous comment or citation", group: "Changes" },
  { id: "next-line", keys: "j", label: "Next line", group: "Changes" },
  { id: "previous-line", keys: "k", label: "Previous line", group: "Changes" },
  { id: "extend-down", keys: "J", label: "Select one more line below", group: "Changes" },
  { id: "extend-up", keys: "K", label: "Select one more line above", group: "Changes" },
  { id: "comment", keys: "c", label: "Comment on or cite the selected lines", group: "Changes" },
  { id: "viewed", keys: "v", label: "Mark the file as viewed, or not", group: "Changes" },
  { id: "fold", keys: "o", label: "Fold or unfold the file", group: "Changes" },
  { id: "side-a", keys: "a", label: "Work in side A", group: "Changes" },
  { id: "side-b", keys: "b", label: "Work in side B", group: "Changes" },
  { id: "files", keys: "t", label: "Find a file by name", group: "Changes" },
  { id: "search", keys: "/", label: "Search both sides’ changes", group: "Changes" },
  { id: "split", keys: "s", label: "Split or unified view", group: "Changes" },
] as const satisfies readonly KeyBinding[];

export type ChangesCommand = (typeof CHANGES_KEYS)[number]["id"];
