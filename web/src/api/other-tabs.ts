/** Tabs of one browser share its sign-in: one tells the others when a person has signed in. */

const NAME = "marlin-session";

export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage("signed-in");
  channel.close();
}

/** Calls `then` when somebody signed in elsewhere in this browser; returns how to stop that. */
export function onSignInElsewhere(then: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", then);
  return () => channel.close();
}
