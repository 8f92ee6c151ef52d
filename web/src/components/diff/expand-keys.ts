/**
 * The library's "expand" controls are bare elements: no tab stop, no role, no name, no Enter. This adds them.
 * Attributes go on after each render (the library recycles nodes); one delegated listener per pane does the keys.
 */

const CONTROLS = "[data-expand-button]";
/** What the library says of the lines after the last change as long as it does not know how many they are. */
const UNCOUNTED = "More unchanged context may be available";

export function labelExpandControls(container: HTMLElement): void {
  const root = container.shadowRoot ?? container;
  for (const control of root.querySelectorAll<HTMLElement>(CONTROLS)) {
    control.tabIndex = 0;
    control.setAttribute("role", "button");
    control.setAttribute("aria-label", nameOf(control));
  }
  for (const words of root.querySelectorAll("[data-unmodified-lines]")) {
    if (words.textContent === UNCOUNTED) words.textContent = "More lines below";
  }
}

function nameOf(control: HTMLElement): string {
  if (control.hasAttribute("data-expand-all-button")) return "Show all unchanged lines here";
  if (control.hasAttribute("data-expand-up")) return "Show more lines above";
  if (control.hasAttribute("data-expand-down")) return "Show more lines below";
  return "Show the unchanged lines here";
}

export function expandOnKey(event: KeyboardEvent): void {
  if (event.key !== "Enter" && event.key !== " ") return;
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement) || !target.matches(CONTROLS)) return;
  event.preventDefault();
  target.click();
}
