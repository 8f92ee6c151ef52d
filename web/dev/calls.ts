/** What the parts of the made-up API pass to one another. */

export interface Call {
  method: string;
  parts: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
  cookie: string;
  lastEventId: string | undefined;
}
export type Answer = { status?: number; json?: unknown; text?: string | Buffer; cookie?: string };

export class Refusal extends Error {
  readonly status: number;
  readonly problem: Record<string, unknown>;
  constructor(status: number, code: string, detail: string, more: Record<string, unknown> = {}) {
    super(detail);
    this.status = status;
    this.problem = { type: "about:blank", title: detail, status, detail, code, ...more };
  }
}
