/** Further than a hand trembles: then the pointer was drawn over text, to select it. */
const STILL = 4;

/**
 * Whether a click on code means its line. Code is text, too: whoever draws over it, or clicks twice, selects words, and
 * keys held down ask for something else.
 */
export class Presses {
  #at: { x: number; y: number } | null = null;

  pressed(event: { clientX: number; clientY: number }): void {
    this.#at = { x: event.clientX, y: event.clientY };
  }

  meansLine(event: Pick<MouseEvent, "clientX" | "clientY" | "detail" | "altKey" | "ctrlKey" | "metaKey">): boolean {
    const at = this.#at;
    if (at === null || event.detail > 1 || event.altKey || event.ctrlKey || event.metaKey) return false;
    return Math.hypot(event.clientX - at.x, event.clientY - at.y) < STILL;
  }
}

/** Shift and a press would select the text from the last press to here; where lines are selected, it draws those out. */
export function keepsText(event: MouseEvent): void {
  const onCode = event.composedPath().some((node) => node instanceof HTMLElement && node.hasAttribute("data-line"));
  if (event.shiftKey && onCode) event.preventDefault();
}
