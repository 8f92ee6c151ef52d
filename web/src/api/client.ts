import { apiUrl, type Query, takeBegun } from "./begun";
import { answered, unanswered } from "./connection";
import { brokenOff, Problem, problemFromBody, unreachable } from "./problem";

/** The one way out of this app: same-origin requests to /api/v1, with the CSRF token and problem documents handled. */

const MOST_KEPT_ALIVE = 60_000;
let csrfToken: string | null = null;
let onSessionLost: (() => void) | null = null;

export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the server says the sign-in is gone, or that new terms must be accepted first. */
export function onSessionChange(listener: () => void): void {
  onSessionLost = listener;
}

export interface RequestOptions {
  body?: unknown;
  query?: Query;
  signal?: AbortSignal;
  /** Same key, same effect: a repeated request creates nothing twice. */
  idempotencyKey?: string;
  /** Lets the request outlive the page; for saving on the way out. */
  keepalive?: boolean;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export { apiUrl };

async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body, whole);
  // Browsers refuse to let more than 64 KiB outlive a page, and refuse it before it is sent.
  const keepalive = options.keepalive && (body === undefined || new Blob([body]).size < MOST_KEPT_ALIVE);
  let response: Response;
  try {
    const url = apiUrl(path, options.query);
    const early = method === "GET" ? takeBegun(url) : null;
    response = await (early ??
      fetch(url, { method, headers, body, signal: options.signal, keepalive, credentials: "same-origin" }));
  } catch (error) {
    if (isAbort(error)) throw error;
    unanswered();
    throw unreachable();
  }
  // A proxy in front of a server that is away answers these in its stead.
  if ([502, 503, 504].includes(response.status)) unanswered();
  else answered();
  if (!response.ok) throw await readProblem(response);
  return response;
}

/** Half a character (a quote that was cut in the middle of an emoji) is no text: the server would refuse all of it. */
function whole(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

async function readProblem(response: Response): Promise<Problem> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A proxy's HTML page, say: the status alone must do.
  }
  const problem = problemFromBody(response.status, body);
  // Only a sign-in that this page believed in can be lost: a refused password is not such a case.
  if (csrfToken && (problem.status === 401 || problem.code === "terms-not-accepted")) {
    if (problem.status === 401) csrfToken = null;
    onSessionLost?.();
  }
  return problem;
}

async function json<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem({
      status: 502,
      code: "not-json",
      message: "The server’s answer can’t be read.",
      hint: "The pages may be older than the server: load the page again.",
    });
  }
}

async function* pieces(path: string, options: RequestOptions = {}): AsyncGenerator<string> {
  const reader = (await send("GET", path, options)).body?.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = (await reader?.read().catch(failed)) ?? { done: true, value: undefined };
      const text = decoder.decode(value, { stream: !done });
      if (text !== "") yield text;
      if (done) return;
    }
  } finally {
    // Whoever stops reading wants no more of it; one that has ended or broken off minds nothing.
    reader?.cancel().catch(() => undefined);
  }
}

/** No connection is missed here: the server has just answered, and may be asked again at once. */
function failed(error: unknown): never {
  throw isAbort(error) ? error : brokenOff();
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export const api = {
  get: <T>(path: string, options?: RequestOptions) => json<T>("GET", path, options),
  post: <T>(path: string, options?: RequestOptions) => json<T>("POST", path, options),
  put: <T>(path: string, options?: RequestOptions) => json<T>("PUT", path, options),
  patch: <T>(path: string, options?: RequestOptions) => json<T>("PATCH", path, options),
  delete: <T = void>(path: string, options?: RequestOptions) => json<T>("DELETE", path, options),
  text: async (path: string, options: RequestOptions = {}): Promise<string> =>
    (await send("GET", path, options)).text(),
  /** As `text`, while it comes. */
  pieces,
  /** The answer itself, when its headers matter. */
  raw: (path: string, options: RequestOptions = {}): Promise<Response> => send("GET", path, options),
};

export function newIdempotencyKey(): string {
  // randomUUID exists in secure contexts only; a host reached by plain http on a local network is not one.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
