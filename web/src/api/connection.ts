/** Whether the server answers, and who wants to know when it does again. No request is made here. */

export type Connection = "here" | "away";

let state: Connection = "here";
const listeners = new Set<() => void>();
const restorers = new Set<() => void>();

function become(next: Connection): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
  if (next === "here") restored();
}

/** Called by the client after every answer, and after every request that got none. */
export function answered(): void {
  become("here");
}
export function unanswered(): void {
  become("away");
}

export function connection(): Connection {
  return state;
}

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What could not be saved may be tried again: the server answers, or the person signed in anew. */
export function onRestored(listener: () => void): () => void {
  restorers.add(listener);
  return () => restorers.delete(listener);
}

export function restored(): void {
  for (const listener of restorers) listener();
}
