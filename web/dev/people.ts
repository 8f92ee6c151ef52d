import type { ApiToken, Role, Session } from "../src/api/types.ts";
import type { Answer, Call } from "./calls.ts";

/** Who signs in with which link token: /sign-in/link#contributor and so on. Any password signs "everyone" in. */
export const TOKENS: Record<string, { roles: Role[]; accepted: boolean }> = {
  contributor: { roles: ["contributor"], accepted: true },
  reviewer: { roles: ["reviewer"], accepted: true },
  operator: { roles: ["operator"], accepted: true },
  everyone: { roles: ["operator", "contributor", "reviewer"], accepted: true },
  busy: { roles: ["operator", "contributor", "reviewer"], accepted: true },
  nobody: { roles: ["operator", "contributor", "reviewer"], accepted: true },
  newcomer: { roles: ["contributor"], accepted: false },
  returning: { roles: ["contributor"], accepted: false },
};

export const TERMS = {
  version: "2026-11",
  markdown:
    "## Terms\n\nYou keep the right to stop at any time. What you write here and the ratings you give may be used to **train and evaluate models**, and may be published without your name.\n\n- Work alone, and on code you may share.\n- Keep to yourself what you guess about the models.\n\n".repeat(
      3,
    ),
};

export function session(token: string): Session {
  const entry = TOKENS[token] ?? TOKENS.everyone;
  return {
    person: {
      id: `p-${token}`,
      name: token === "reviewer" ? "Ravi Iyer" : token === "operator" ? "Olga Petrov" : "Ada Castellanos",
      email: `${token}@example.org`,
      roles: entry?.roles ?? [],
    },
    csrf_token: "csrf",
    terms: { version: TERMS.version, accepted: entry?.accepted ?? true, earlier: token === "returning" },
  };
}

export const PEOPLE = [
  { id: "p1", name: "Ada Castellanos", email: "ada@example.org", roles: ["contributor"] },
  { id: "p2", name: "Ravi Iyer", email: "ravi@example.org", roles: ["reviewer", "contributor"] },
  {
    id: "p3",
    name: "Olga Petrov",
    email: "olga.petrov.with.a.rather.long.address@engineering.example.org",
    roles: ["operator"],
  },
];

export const SYSTEM = {
  version: "0.1.0",
  database: "PostgreSQL 18.1, embedded",
  workers: [
    { id: "w1", host: "alder", last_seen: new Date().toISOString(), queues: ["turns", "environments"] },
    { id: "w2", host: "birch", last_seen: new Date(Date.now() - 120_000).toISOString(), queues: ["turns"] },
  ],
  jobs: { queued: 3, running: 2, failed: 1 },
  host_checks: [
    { name: "user namespaces", ok: true, detail: "the sandbox has its own users", fix: null, required: true },
    { name: "overlayfs", ok: true, detail: "kernel 6.1, in a user namespace", fix: null, required: true },
    {
      name: "cgroup v2 delegation",
      ok: false,
      detail: "memory and pids controllers are not delegated",
      fix: "Start Marlin with: systemd-run --user --scope marlin up",
      required: true,
    },
    {
      name: "disk quota",
      ok: false,
      detail: "the data folder's file system has no project quotas",
      fix: "Mount it with prjquota",
      required: false,
    },
  ],
  disk: { total: 268_435_456_000, free: 227_633_266_688 },
};

let tokens: ApiToken[] = [
  { id: "t1", name: "Nightly export", created_at: "2026-11-02T09:00:00Z", last_used_at: "2026-11-23T02:00:00Z" },
  { id: "t2", name: "Editor on the laptop", created_at: "2026-11-20T16:30:00Z", last_used_at: null },
];

export function apiTokens(call: Call): Answer {
  if (call.method === "GET") return { json: tokens };
  if (call.method === "DELETE") {
    tokens = tokens.filter((token) => token.id !== call.parts[1]);
    return {};
  }
  const made = {
    id: `t${tokens.length + 3}`,
    name: String(call.body.name),
    created_at: new Date().toISOString(),
    last_used_at: null,
  };
  tokens = [...tokens, made];
  return { status: 201, json: { ...made, token: "mrl_t_kP3v9nJx2cQmZr7YtLw0aBd5eFgHi8Uo1sRq4TzXy6M" } };
}
