/**
 * Questions that were asked before there was an app to ask them: each answer is handed out once, to the first that asks
 * the same. Nothing here imports anything, so that it can run before the app's own code has arrived.
 */

const BASE = "/api/v1";
/** An answer that nobody has taken by then would be an old one. */
const KEPT_MS = 10_000;
const begun = new Map<string, Promise<Response>>();

/** What follows an address's question mark; a list is a name that comes several times. */
export type Query = Record<string, string | number | readonly string[] | undefined | null>;

export function apiUrl(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    for (const one of typeof value === "object" ? value : [String(value)]) search.append(key, one);
  }
  const text = search.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** Asks now; the answer waits, read to its end. */
export function begin(url: string): Promise<Response> {
  return begun.get(url) ?? keep(url, ask(url).then(whole));
}

/** As `begin`, for a large answer: its beginning can be read while the rest still comes. */
export function beginLarge(url: string): Promise<Response> {
  return begun.get(url) ?? keep(url, ask(url).then(flowing));
}

/** The answer to what was asked before, once; null when it was not. */
export function takeBegun(url: string): Promise<Response> | null {
  const asked = begun.get(url) ?? null;
  begun.delete(url);
  return asked;
}

/**
 * What was asked for by `beginLarge` at `from` answers `url` too, if that is what its Content-Location says; else `url` is
 * asked itself. For a question whose address follows from another's answer.
 */
export function beginBy(from: string, url: string): void {
  const early = takeBegun(from);
  if (early === null) return void beginLarge(url);
  const answered = early.then((answer) => (answer.headers.get("Content-Location") === url ? answer : null));
  keep(
    url,
    answered.catch(() => null).then((answer) => answer ?? ask(url).then(flowing)),
  );
}

function ask(url: string): Promise<Response> {
  return fetch(url, { credentials: "same-origin" });
}

function keep(url: string, asked: Promise<Response>): Promise<Response> {
  begun.set(url, asked);
  asked.catch(() => begun.delete(url)); // whoever asks then asks anew, and tells what happened
  setTimeout(() => begun.delete(url), KEPT_MS);
  return asked;
}

async function whole(answer: Response): Promise<Response> {
  // An answer that may have no body (204) is refused one, be it an empty one.
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, answer);
}

/** Reads on whether or not anybody takes what has come: a browser stops receiving what is not read. */
function flowing(answer: Response): Response {
  const reader = answer.body?.getReader();
  if (reader === undefined) return answer;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const on = ({ done, value }: ReadableStreamReadResult<Uint8Array>): Promise<void> | undefined => {
        if (done) return void controller.close();
        controller.enqueue(value);
        return reader.read().then(on);
      };
      reader
        .read()
        .then(on)
        .catch((error) => controller.error(error));
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, answer);
}
