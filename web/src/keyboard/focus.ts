const PATIENCE_MS = 2000;

/**
 * Where the keyboard goes on when what had it is gone; where it has gone somewhere by itself, it stays. On a busy machine
 * what takes its place may be drawn some frames later: it is waited for.
 */
export function catchFocus(find: () => HTMLElement | null | undefined): void {
  const held = document.activeElement;
  const until = performance.now() + PATIENCE_MS;
  const look = () => {
    const active = document.activeElement;
    const lost = active === null || active === document.body;
    if (!lost && active !== held) return;
    const node = lost ? find() : null;
    if (!node) {
      if (performance.now() < until) requestAnimationFrame(look);
      return;
    }
    // Anything can be gone to; only what was a stop of Tab stays one.
    if (node.tabIndex < 0) node.tabIndex = -1;
    node.focus({ preventScroll: true });
  };
  requestAnimationFrame(look);
}
