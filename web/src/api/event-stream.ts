import { apiUrl } from "./client";
import type { ComparisonEvent } from "./types";

export interface EventStreamHandlers {
  /** Oldest first, in a frame, and some times a second at most. */
  onEvents: (events: ComparisonEvent[]) => void;
  onConnected: (connected: boolean) => void;
  /** The server answered with something that is no stream: the sign-in may be over. */
  onRefused?: () => void;
}

/** Names the server may give its events; unnamed ones arrive as "message". */
const NAMES = [
  "message",
  "event",
  "thought",
  "tool_call",
  "tool_update",
  "plan",
  "notice",
  "turn_status",
  "comparison_status",
  "rollout_status",
  "check",
  "rating",
];

/** So many are handed over at once; after a long absence the rest waits for the next frames, so that clicks are answered. */
const MOST = 1500;
/** Between two deliveries: quicker than anybody reads, and it leaves most frames to scrolling and typing. */
const PAUSE_MS = 90;
/** After so many at once they come faster than anybody reads: then seldom, because the rows in view are all new each time. */
const MANY = 60;
const LONG_PAUSE_MS = 400;
/** A page nobody looks at draws no frames, but must not pile up what it will have to draw. */
const HIDDEN_MS = 500;

/**
 * Follows a comparison's events from `after` on, and hands them over in batches, each at the start of a frame.
 *
 * The browser reconnects by itself with Last-Event-ID; where it gives up (an error page instead of a stream), this
 * opens a new stream after the last event seen, waiting longer each time, 15 s at most. Nothing is lost or seen twice.
 */
export function followEvents(comparison: string, after: number, handlers: EventStreamHandlers): () => void {
  let lastId = after;
  let source: EventSource | null = null;
  let batch: ComparisonEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 1000;
  let closed = false;
  let pause = PAUSE_MS;

  const frames = frameOrTimer(
    () => pause,
    () => {
      const events = batch.length > MOST ? batch.slice(0, MOST) : batch;
      batch = batch.length > MOST ? batch.slice(MOST) : [];
      // What has piled up is handed over as fast as it can be.
      pause = batch.length === 0 && events.length > MANY ? LONG_PAUSE_MS : PAUSE_MS;
      handlers.onEvents(events);
      if (batch.length > 0) frames.request();
    },
  );
  const receive = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as ComparisonEvent;
    if (typeof event.id !== "number" || event.id <= lastId) return;
    lastId = event.id;
    batch.push(event);
    frames.request();
  };
  const open = () => {
    if (closed) return;
    source = new EventSource(apiUrl(`/comparisons/${comparison}/events/stream`, { after: lastId }));
    source.onopen = () => {
      wait = 1000;
      handlers.onConnected(true);
    };
    source.onerror = () => {
      handlers.onConnected(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      handlers.onRefused?.();
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 15_000);
    };
    for (const name of NAMES) source.addEventListener(name, receive as EventListener);
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    frames.cancel();
    source?.close();
  };
}

/** Runs `work` in the next frame, or soon when the page is hidden; once, however often it is asked for. */
function frameOrTimer(pauseMs: () => number, work: () => void): { request: () => void; cancel: () => void } {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const cancel = () => {
    if (frame !== 0) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = undefined;
    document.removeEventListener("visibilitychange", changed);
  };
  const run = () => {
    cancel();
    last = performance.now();
    work();
  };
  // A frame that was asked for while the page was seen never comes once it is hidden.
  const changed = () => {
    cancel();
    request();
  };
  const request = () => {
    if (frame !== 0 || timer !== undefined) return;
    document.addEventListener("visibilitychange", changed);
    if (document.hidden) {
      timer = setTimeout(run, HIDDEN_MS);
      return;
    }
    const wait = last + pauseMs() - performance.now();
    if (wait <= 0) frame = requestAnimationFrame(run);
    else
      timer = setTimeout(() => {
        timer = undefined;
        frame = requestAnimationFrame(run);
      }, wait);
  };
  return { request, cancel };
}
