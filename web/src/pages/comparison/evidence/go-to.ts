import { whenDrawn } from "../../../keyboard/focus";

/** Ways to a field of the rating or of its summary: both give their parts the same names. */

/** Brings any part of the page into view, the keyboard with it, as soon as it is there. */
export function goToNode(id: string): void {
  whenDrawn(() => document.getElementById(id), enterField);
}

/** Brings a field into view and the keyboard to it, as soon as it is on the page. */
export function goToField(field: string): void {
  goToNode(`field-${field}`);
}

function enterField(node: HTMLElement): void {
  node.scrollIntoView({ block: "center" });
  const own = "input, textarea, select, button";
  const input = node.matches(own) ? node : node.querySelector<HTMLElement>("input:not([disabled]), textarea");
  const target = input ?? node;
  // A summary's part can be gone to, though there is nothing in it to press.
  if (input === null) node.tabIndex = -1;
  target.focus({ preventScroll: true });
  flash(node);
}

/** Selects the characters of a field, or goes to the link that stands for them in a summary. */
export function goToWords(field: string, start: number, end: number): void {
  const find = () => document.querySelector<HTMLElement>(`textarea#field-${field}, [data-cited="${field}:${start}"]`);
  whenDrawn(find, (node) => {
    node.scrollIntoView({ block: "center" });
    if (node instanceof HTMLTextAreaElement) {
      node.setSelectionRange(start, end);
      // Only entering a field makes the browser scroll to what is selected in it.
      node.blur();
    }
    node.focus({ preventScroll: !(node instanceof HTMLTextAreaElement) });
    flash(node);
  });
}

/** The pane of code that was worked in last, or what stands in its place. */
export function activePane(): HTMLElement | null {
  const pane = document.querySelector('[data-active] section [tabindex="0"]');
  return pane instanceof HTMLElement ? pane : document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]');
}

function flash(node: HTMLElement): void {
  node.dataset.flash = "";
  setTimeout(() => delete node.dataset.flash, 1600);
}
