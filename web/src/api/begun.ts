/**
 * Questions that were asked before there was an app to ask them: each answer is handed out once, to the first that asks
 * the same. Nothing here imports anything, so that it can run before the app's own code has arrived.
 */

const BASE = "/api/v1";
/** An answer that nobody has taken by then would be an old one. */
const KEPT_MS = 10_000;
const begun = new Map<string, Promise<Response>>();

export function apiUrl(path: string, query?: Record<string, string | number | undefined | null>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) search.set(key, String(value));
  }
  const text = search.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** Asks now; the answer waits, read to its end: a large one would else be read when the page has the least time for it. */
export function begin(url: string): Promise<Response> {
  const asked = begun.get(url) ?? fetch(url, { credentials: "same-origin" }).then(whole);
  begun.set(url, asked);
  asked.catch(() => begun.delete(url)); // whoever asks then asks anew, and tells what happened
  setTimeout(() => begun.delete(url), KEPT_MS);
  return asked;
}

/** The answer to what was asked before, once; null when it was not. */
export function takeBegun(url: string): Promise<Response> | null {
  const asked = begun.get(url) ?? null;
  begun.delete(url);
  return asked;
}

async function whole(answer: Response): Promise<Response> {
  // An answer that may have no body (204) is refused one, be it an empty one.
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, answer);
}
