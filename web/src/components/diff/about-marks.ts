import type { LineNote } from "./items";

/**
 * Shows at the line numbers which lines a note is about: the note itself stands below the last of them. A bar runs along
 * the whole range, solid for what is cited, broken for what is commented on, in the colour of the side.
 */
export const ABOUT_CSS = `
[data-about] { --about: var(--side, currentColor); }
[data-about-side=A] { --about: var(--side-a); }
[data-about-side=B] { --about: var(--side-b); }
[data-about] {
  --about-bar: linear-gradient(var(--about), var(--about));
  background-image: var(--about-bar),
    linear-gradient(color-mix(in srgb, var(--about) 16%, transparent), color-mix(in srgb, var(--about) 16%, transparent));
  background-size: 4px 100%, 100% 100%;
  background-repeat: no-repeat;
}
[data-about=comment] { --about-bar: repeating-linear-gradient(var(--about) 0 5px, transparent 5px 9.5px); }
[data-about] [data-line-number-content] { color: light-dark(#1b1f23, #ffffff); font-weight: 700; }
`;

const TITLES = { cited: "Cited", comment: "Commented on" };

const marked = new WeakSet<HTMLElement>();

/** After each drawing of a file: the viewer uses its nodes again for other lines. */
export function markAbout(node: HTMLElement, notes: readonly LineNote[]): void {
  const about = notes.filter((note) => note.about && note.line > 0);
  if (about.length === 0 && !marked.has(node)) return;
  if (about.length === 0) marked.delete(node);
  else marked.add(node);
  for (const cell of (node.shadowRoot ?? node).querySelectorAll<HTMLElement>("[data-column-number]")) {
    const note = noteOf(cell, about);
    if (note?.about) {
      cell.dataset.about = note.about;
      cell.title = TITLES[note.about];
      if (note.side) cell.dataset.aboutSide = note.side;
    } else if (cell.dataset.about !== undefined) {
      delete cell.dataset.about;
      delete cell.dataset.aboutSide;
      cell.removeAttribute("title");
    }
  }
}

/** What is cited weighs more than what is commented on. */
function noteOf(cell: HTMLElement, notes: readonly LineNote[]): LineNote | null {
  const line = Number(cell.dataset.columnNumber);
  const old = cell.dataset.lineType === "change-deletion" || cell.closest("[data-deletions]") !== null;
  const here = notes.filter(
    (note) => (note.which === "old") === old && line >= (note.from ?? note.line) && line <= note.line,
  );
  return here.find((note) => note.about === "cited") ?? here[0] ?? null;
}
