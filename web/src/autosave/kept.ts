/**
 * What was typed and is not on the server yet, kept in the browser: it outlives a crash, a closed tab and a lost network.
 * Each person has their own; another one who signs in at the same browser never sees it. It stays until it is saved, or
 * until its person has chosen another version.
 */

const PREFIX = "marlin-unsaved/";

let person: string | null = null;

export function keepFor(id: string | null): void {
  person = id;
}

/** What was typed, and what it was typed over: by that a later version of the server is told from an earlier one. */
export interface Kept {
  value: unknown;
  base: unknown;
}

function name(key: string): string | null {
  return person === null ? null : `${PREFIX}${person}/${key}`;
}

export function keep(key: string, value: unknown, base: unknown = null): void {
  const at = name(key);
  if (at === null) return;
  try {
    localStorage.setItem(at, JSON.stringify({ value, base } satisfies Kept));
  } catch {
    // Storage is refused or full: what is typed is in the page still, and is sent as ever.
  }
}

export function forget(key: string): void {
  const at = name(key);
  if (at === null) return;
  try {
    localStorage.removeItem(at);
  } catch {
    // As above.
  }
}

/** What was kept under a key, if it is what `fits` expects. */
export function kept<T>(key: string, fits: (value: unknown) => value is T): { value: T; base: T | null } | null {
  const at = name(key);
  if (at === null) return null;
  try {
    const text = localStorage.getItem(at);
    const found = text === null ? null : (JSON.parse(text) as Kept);
    if (found === null || !fits(found.value)) return null;
    return { value: found.value, base: fits(found.base) ? found.base : null };
  } catch {
    // Storage is refused, or another program wrote there.
    return null;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
