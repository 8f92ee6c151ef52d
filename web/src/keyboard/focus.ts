/** Where the keyboard goes on when what had it is gone; where it has gone somewhere by itself, it stays. */
export function catchFocus(find: () => HTMLElement | null | undefined): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const node = find();
    if (!node) return;
    // Anything can be gone to; only what was a stop of Tab stays one.
    if (node.tabIndex < 0) node.tabIndex = -1;
    node.focus({ preventScroll: true });
  });
}
