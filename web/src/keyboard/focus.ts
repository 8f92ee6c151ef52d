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

/** A drawer that opens, a form that loads: then there is nothing to go to yet. */
const ARRIVAL_MS = 4000;
const BY_PERSON = ["keydown", "pointerdown"] as const;
let drop = () => {};

/**
 * Goes to a part of the page as soon as it is drawn. Of two such wishes the newer one counts, and one is dropped when the
 * person does something else meanwhile: nobody's typing is carried elsewhere.
 */
export function whenDrawn(find: () => HTMLElement | null, then: (node: HTMLElement) => void): void {
  drop();
  let frame = 0;
  const end = () => {
    cancelAnimationFrame(frame);
    for (const name of BY_PERSON) removeEventListener(name, end, true);
  };
  const until = performance.now() + ARRIVAL_MS;
  const look = () => {
    const node = find();
    const there = node !== null && node.getClientRects().length > 0;
    if (!there && performance.now() < until) {
      frame = requestAnimationFrame(look);
      return;
    }
    end();
    if (there) then(node);
  };
  drop = end;
  for (const name of BY_PERSON) addEventListener(name, end, true);
  look();
}
