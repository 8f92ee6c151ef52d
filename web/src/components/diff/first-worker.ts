import workerUrl from "@pierre/diffs/worker/worker-portable.js?url";

// The portable worker is sent the languages it needs. The other one would bring a second copy of all of them (9 MB).
const make = () => new Worker(workerUrl, { type: "module" });
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
