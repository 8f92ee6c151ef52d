import type { Role } from "./types";

/** Shapes that operators alone are served. */

export interface PersonEntry {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  created_at?: string;
}

export interface Invitation {
  id: string;
  roles: Role[];
  email: string | null;
  expires_at: string;
  created_at?: string;
  accepted_at?: string | null;
  state?: "open" | "accepted" | "revoked" | "expired";
  /** Served once, when the invitation is made. */
  url?: string;
}

export interface Arm {
  id: string;
  name: string;
  agent: string;
  model: string | null;
  active: boolean;
  outputs_may_train?: boolean;
}

export interface HostCheck {
  name: string;
  ok: boolean;
  detail: string;
  fix: string | null;
  required: boolean;
}

export interface SystemState {
  version: string;
  database: string | Record<string, unknown>;
  workers: { id: string; host: string; last_seen: string; queues: string[] }[];
  jobs: { queued: number; running: number; failed: number };
  host_checks: HostCheck[];
  disk: { total?: number; free?: number } | null;
}
