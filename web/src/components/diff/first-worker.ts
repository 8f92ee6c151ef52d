// All it needs is in its one file: every language, and what reads them. The server lets that file alone run WebAssembly.
const make = () => new Worker(new URL("./colour-worker.ts", import.meta.url), { type: "module" });
let first: Worker | null = null;

/** Starts a worker before there is a pool for it: reading its code takes as long as the rest of the page's does. */
export function startWorker(): void {
  first ??= make();
}

/** The one that was started, or a new one. */
export function takeWorker(): Worker {
  const worker = first ?? make();
  first = null;
  return worker;
}
