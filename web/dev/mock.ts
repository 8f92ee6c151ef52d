import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { assignment } from "./assigning.ts";
import { briefs } from "./briefs.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { campaigns } from "./campaigns.ts";
import { comparisons } from "./comparison-calls.ts";
import { datasets } from "./datasets.ts";
import { campaignList, invitationList, peopleList, reviewQueue } from "./lists.ts";
import { stream } from "./live.ts";
import { apiTokens, SYSTEM, session, TERMS } from "./people.ts";
import { tuningRuns } from "./tuning.ts";

/**
 * A made-up API for working on the pages without a server: `npm run mock`, then /sign-in/link#contributor.
 *
 * It answers in the shapes of the contract and keeps changes in memory. It checks nothing: the real one does.
 */

/** The strictest policy the pages work under. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** As the server does: the worker that colours code, and nothing else, may run WebAssembly. */
const COLOUR_WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

const consented = new Set<string>();

export function mockApi(): Plugin {
  return {
    name: "marlin-mock-api",
    configureServer(server) {
      server.middlewares.use("/api/v1", (request, response) => void serve(request, response));
    },
  };
}

export function policyOf(path: string): string {
  return /^\/assets\/colour-worker-[\w-]+\.js$/.test(path) ? COLOUR_WORKER_POLICY : POLICY;
}

/** Answers one call; its address begins after `/api/v1`. */
export async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://mock");
  let raw = "";
  for await (const chunk of request) raw += chunk;
  const call: Call = {
    method: request.method ?? "GET",
    parts: url.pathname.split("/").filter(Boolean).map(decodeURIComponent),
    query: url.searchParams,
    body: raw ? JSON.parse(raw) : {},
    lastEventId: request.headers["last-event-id"] as string | undefined,
    cookie: /marlin_session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "",
  };
  if (call.parts[2] === "events" && call.parts[3] === "stream")
    return stream({ ...call, id: call.parts[1] ?? "" }, response);
  let answer: Answer;
  try {
    answer = route(call);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = { status: error.status, json: error.problem };
  }
  if (answer.after) await new Promise((resolve) => setTimeout(resolve, answer.after));
  if (answer.cookie !== undefined)
    response.setHeader("Set-Cookie", `marlin_session=${answer.cookie}; Path=/; HttpOnly; SameSite=Lax`);
  if (answer.name) response.setHeader("Content-Disposition", `attachment; filename="${answer.name}"`);
  if (answer.location !== undefined) response.setHeader("Content-Location", answer.location);
  if (answer.link !== undefined) response.setHeader("Link", answer.link);
  response.statusCode = answer.status ?? (answer.json === undefined && answer.text === undefined ? 204 : 200);
  response.setHeader(
    "Content-Type",
    answer.text === undefined ? "application/json" : (answer.type ?? "text/plain; charset=utf-8"),
  );
  response.end(answer.text ?? (answer.json === undefined ? "" : JSON.stringify(answer.json)));
}

function route(call: Call): Answer {
  const [first, second] = call.parts;
  if (first === "sign-in") return signIn(call);
  if (first === "invitations" && second?.startsWith("offer")) return invitation(call);
  if (!call.cookie) throw new Refusal(401, "unauthenticated", "You are not signed in.");
  switch (first) {
    case "session": {
      const own = session(call.cookie);
      return { json: { ...own, terms: { ...own.terms, accepted: own.terms.accepted || consented.has(call.cookie) } } };
    }
    case "sign-out":
      return { cookie: "" };
    case "terms":
      return { json: TERMS };
    case "consent":
      consented.add(call.cookie);
      return {};
    case "assignments":
      return assignment(call);
    case "campaigns":
      return second ? campaigns(call) : campaignList(call);
    case "briefs":
      return briefs(call);
    case "comparisons":
      return comparisons(call);
    case "reviews":
      return reviewQueue(call);
    case "api-tokens":
      return apiTokens(call);
    case "people":
      return call.method === "GET"
        ? peopleList(call)
        : { json: { url: "http://127.0.0.1:8420/sign-in/link#Zk3vQ0m1c2d3" } };
    case "invitations":
      if (call.method === "POST")
        return {
          json: {
            id: "i9",
            url: "http://127.0.0.1:8420/invite#offer-Zk3vQ0m1c2d3e4f5",
            roles: call.body.roles,
            expires_at: new Date().toISOString(),
          },
        };
      return invitationList(call);
    case "terminals":
      return {};
    case "system":
      return { json: SYSTEM };
    case "datasets":
      return datasets(call);
    case "tuning-runs":
      return tuningRuns(call);
  }
  throw new Refusal(404, "not-found", "There is no such thing.");
}

function signIn(call: Call): Answer {
  const token = String(call.body.token ?? "everyone");
  if (token === "expired")
    throw new Refusal(404, "not-found", "This link was used already or is too old.", {
      hint: "Ask the operator for a new one.",
    });
  if (call.body.password === "wrong")
    throw new Refusal(401, "bad-credentials", "The email or the password is wrong.", {
      hint: "Ask the operator for a sign-in link if you lost it.",
    });
  return { json: session(token), cookie: token };
}

function invitation(call: Call): Answer {
  if (call.method === "POST") return { json: session("contributor"), cookie: "contributor" };
  return {
    json: { roles: ["contributor"], email: "grace@example.org", expires_at: "2026-12-01T10:00:00Z", terms: TERMS },
  };
}
