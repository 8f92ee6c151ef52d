import { api, apiUrl, newIdempotencyKey } from "./client";
import type { Checkout, Side, Terminal } from "./types";

export type EndReason = NonNullable<Terminal["reason"]>;

export function listTerminals(comparison: string, signal?: AbortSignal): Promise<Terminal[]> {
  return api.get<Terminal[]>(`/comparisons/${comparison}/terminals`, { signal });
}

export function openTerminal(comparison: string, turn: number, side: Side): Promise<Terminal> {
  return api.post<Terminal>(`/comparisons/${comparison}/turns/${turn}/terminals`, {
    body: { side },
    idempotencyKey: newIdempotencyKey(),
  });
}

export function closeTerminal(id: string): Promise<void> {
  return api.delete(`/terminals/${id}`);
}

export function socketUrl(id: string): string {
  const url = new URL(apiUrl(`/terminals/${id}/socket`), window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export function makeCheckout(comparison: string, turn: number): Promise<Checkout> {
  return api.post<Checkout>(`/comparisons/${comparison}/turns/${turn}/checkouts`);
}
