import type { ServerResponse } from "node:http";
import type { ComparisonEvent } from "../src/api/types.ts";
import { flood, transcript } from "./transcripts.ts";

/** The event log of the made-up API: paged, and live with an interruption. */

interface StreamCall {
  id: string;
  query: URLSearchParams;
  lastEventId: string | undefined;
}

/** As the server pages its log: what follows an event, or the last events before one. */
export function page(events: readonly ComparisonEvent[], query: URLSearchParams) {
  const limit = Number(query.get("limit") ?? 1000);
  const after = Number(query.get("after") ?? 0);
  const before = query.get("before");
  const found =
    before === null
      ? events.slice(after, after + limit)
      : events.slice(0, Math.min(Number(before) - 1, events.length)).slice(-limit);
  return { events: found, last_id: found.at(-1)?.id ?? after };
}

/** Half of a live turn is over when the page opens; the rest comes while one looks at it. */
export const LIVE = liveLog();
export const LIVE_PAST = 150;

function liveLog(): ComparisonEvent[] {
  const a = transcript("A", 1, 40, 1);
  const b = transcript("B", 1, 40, 1);
  return a.flatMap((event, i) => (b[i] ? [event, b[i]] : [event])).map((event, i) => ({ ...event, id: i + 1 }));
}

/** Who follows a comparison that no turn of runs. */
const followers = new Map<string, Set<ServerResponse>>();
let told = 0;

/** Tells everybody who follows a comparison that its rating was given or taken back. */
export function announce(id: string, turn: number, rated: boolean): void {
  told += 1;
  const event = { id: told, kind: "rating", turn, side: null, attempt: null, at: null, data: { rated } };
  for (const response of followers.get(id) ?? []) response.write(`id: ${told}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** The shaky one's stream breaks once, and the server is away for a while. */
let brokeAt = 0;
const AWAY_MS = 3500;

export function stream(call: StreamCall, response: ServerResponse): void {
  if (call.id === "shaky" && Date.now() - brokeAt < AWAY_MS) {
    response.writeHead(503, { "Content-Type": "application/json" });
    response.end("{}");
    return;
  }
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.write("retry: 300\n\n");
  const { id } = call;
  if (id !== "live" && id !== "shaky" && id !== "flood") {
    const own = followers.get(id) ?? new Set();
    followers.set(id, own.add(response));
    response.on("close", () => own.delete(response));
    return;
  }
  let next = Number(call.lastEventId ?? call.query.get("after") ?? 0);
  const burst =
    id === "flood"
      ? // 1,200 events a second, both sides, for 20 seconds.
        (first: number) => (first >= 24_000 ? [] : flood(first + 1, 60))
      : (first: number) => LIVE.slice(first, first + 6);
  const timer = setInterval(() => {
    const events = burst(next);
    for (const event of events) response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
    next += events.length;
    if (id === "shaky" && brokeAt === 0 && next > LIVE_PAST + 20) {
      brokeAt = Date.now();
      response.end();
    }
    if (events.length === 0) clearInterval(timer);
  }, 50);
  response.on("close", () => clearInterval(timer));
}
