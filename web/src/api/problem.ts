/** An RFC 9457 problem document, or a failure to reach the server at all, as one kind of error. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly fields: { field: string; message: string }[];
  /** What the code's documentation says comes with it: the newer draft, say. */
  readonly details: Record<string, unknown>;

  constructor(init: {
    status: number;
    code: string;
    message: string;
    hint?: string | null;
    fields?: { field: string; message: string }[];
    details?: Record<string, unknown>;
  }) {
    super(init.message);
    this.name = "Problem";
    this.status = init.status;
    this.code = init.code;
    this.hint = init.hint ?? null;
    this.fields = init.fields ?? [];
    this.details = init.details ?? {};
  }

  /** True when trying the same request again later may work. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

interface ProblemDocument {
  title?: string;
  detail?: string;
  code?: string;
  hint?: string | null;
  errors?: { field: string; message: string }[];
  details?: Record<string, unknown>;
}

export function problemFromBody(status: number, body: unknown): Problem {
  const doc = (typeof body === "object" && body !== null ? body : {}) as ProblemDocument;
  return new Problem({
    status,
    code: typeof doc.code === "string" ? doc.code : `http-${status}`,
    message: doc.detail || doc.title || defaultMessage(status),
    hint: doc.hint ?? (doc.detail ? null : defaultHint(status)),
    fields: Array.isArray(doc.errors) ? doc.errors : [],
    details: typeof doc.details === "object" && doc.details !== null ? doc.details : {},
  });
}

export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: "unreachable",
    message: "Marlin can’t be reached.",
    hint: "Check your connection. What you typed is kept. Press again once Marlin answers.",
  });
}

/** The server answered, and the answer's end never came. */
export function brokenOff(): Problem {
  return new Problem({
    status: 0,
    code: "broken-off",
    message: "The answer broke off before its end.",
    hint: "The connection may have been lost for a moment: try again.",
  });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Problem({
    status: -1,
    code: "page-error",
    message,
    hint: "Load the page again. If it stays, tell the operator.",
  });
}

/** For answers without a problem document: a proxy's, or those of a server that fell over. */
function defaultHint(status: number): string | null {
  if (status === 403) return "Ask an operator for the role, if you should have it.";
  if (status === 404) return "The link may be cut short, or the thing may have been removed.";
  if (status >= 500) return "Try again in a moment. If it stays, tell the operator what you did and when.";
  return null;
}

function defaultMessage(status: number): string {
  if (status === 401) return "You are not signed in.";
  if (status === 403) return "You may not do this.";
  if (status === 404) return "There is no such page, or you may not see it.";
  if (status >= 500) return "The server failed to answer.";
  return `The server refused the request (${status}).`;
}
