/** What the parts of the made-up API pass to one another. */

export interface Call {
  method: string;
  parts: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
  cookie: string;
  lastEventId: string | undefined;
}
export interface Answer {
  status?: number;
  json?: unknown;
  text?: string | Buffer;
  /** What the text is; plain text if nothing is said. */
  type?: string;
  cookie?: string;
  /** The `Link` header: where the next page is. */
  link?: string;
  /** The `Content-Location` header: what it is the answer to, where that is not its own address. */
  location?: string;
  /** The name under which a browser keeps it. */
  name?: string;
  /** Answered after so many milliseconds. */
  after?: number;
}

export class Refusal extends Error {
  readonly status: number;
  readonly problem: Record<string, unknown>;
  constructor(status: number, code: string, detail: string, more: Record<string, unknown> = {}) {
    super(detail);
    this.status = status;
    this.problem = { type: "about:blank", title: detail, status, detail, code, ...more };
  }
}
