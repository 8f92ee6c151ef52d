import { apiUrl } from "./client";
import type { ComparisonEvent } from "./types";

export interface EventStreamHandlers {
  onEvents: (events: ComparisonEvent[]) => void;
  onConnected: (connected: boolean) => void;
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
  "rollout_status",
  "check",
  "rating",
];

/**
 * Follows a comparison's events from `after` on, and hands them over once per animation frame.
 *
 * The browser reconnects by itself with Last-Event-ID; where it gives up (an error page instead of a stream), this
 * opens a new stream after the last event seen, waiting longer each time, 15 s at most.
 */
export function followEvents(comparison: string, after: number, handlers: EventStreamHandlers): () => void {
  let lastId = after;
  let source: EventSource | null = null;
  let frame = 0;
  let batch: ComparisonEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 1000;
  let closed = false;

  const deliver = () => {
    frame = 0;
    const events = batch;
    batch = [];
    handlers.onEvents(events);
  };
  const receive = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as ComparisonEvent;
    if (typeof event.id !== "number" || event.id <= lastId) return;
    lastId = event.id;
    batch.push(event);
    if (frame === 0) frame = requestAnimationFrame(deliver);
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
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 15_000);
    };
    for (const name of NAMES) source.addEventListener(name, receive as EventListener);
  };
  open();
  return () => {
    closed = true;
    clearTimeout(timer);
    if (frame !== 0) cancelAnimationFrame(frame);
    source?.close();
  };
}
