/**
 * What was typed and is not on the server yet, kept in the browser: it outlives a crash, a closed tab and a lost network.
 * Each person has their own; another one who signs in at the same browser never sees it.
 */

const PREFIX = "marlin-unsaved/";
/** Then whoever typed it has moved on. */
const LONGEST_MS = 30 * 24 * 3600 * 1000;

let person: string | null = null;

export function keepFor(id: string | null): void {
  person = id;
}

interface Kept {
  value: unknown;
  at: number;
}

function name(key: string): string | null {
  return person === null ? null : `${PREFIX}${person}/${key}`;
}

export function keep(key: string, value: unknown): void {
  const at = name(key);
  if (at === null) return;
  try {
    localStorage.setItem(at, JSON.stringify({ value, at: Date.now() } satisfies Kept));
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

/**
 * What was kept under a key, if it is what `fits` expects, and typed after what the server has was saved (`since`): another
 * device may have gone on meanwhile.
 */
export function kept<T>(key: string, fits: (value: unknown) => value is T, since?: string | null): T | null {
  const at = name(key);
  if (at === null) return null;
  try {
    const text = localStorage.getItem(at);
    const found = text === null ? null : (JSON.parse(text) as Kept);
    if (found === null) return null;
    const newer = !since || found.at > new Date(since).getTime();
    if (newer && Date.now() - found.at < LONGEST_MS && fits(found.value)) return found.value;
    localStorage.removeItem(at);
  } catch {
    // Storage is refused, or another program wrote there.
  }
  return null;
}

export const isText = (value: unknown): value is string => typeof value === "string";
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
