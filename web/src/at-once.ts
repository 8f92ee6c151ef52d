interface Tracked<T> extends Promise<T> {
  status?: "pending" | "fulfilled" | "rejected";
  value?: T;
  reason?: unknown;
}

/**
 * Has React's `use` go on at once with what has arrived before it was asked for. React does not know of a promise that it
 * has not waited for yet: it would draw that something is on its way, and keep that for 300 ms, so that nothing flickers.
 */
export function atOnce<T>(promise: Promise<T>): Promise<T> {
  const tracked: Tracked<T> = promise;
  tracked.status = "pending";
  promise.then(
    (value) => {
      tracked.status = "fulfilled";
      tracked.value = value;
    },
    (reason: unknown) => {
      tracked.status = "rejected";
      tracked.reason = reason;
    },
  );
  return promise;
}
