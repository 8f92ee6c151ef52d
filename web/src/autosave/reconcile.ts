/**
 * Two versions of a draft, written in two windows or on two devices, become one. Pure.
 *
 * Nothing that somebody typed goes away unless they say so: what only one of the two has changed is taken from it, a text
 * that holds the other whole is taken, and everything else is a person's choice.
 */

/** A draft by field. */
export type Version = Readonly<Record<string, unknown>>;

export interface Reconciled {
  /** Both together; in the fields that are somebody's choice it says what `mine` says. */
  merged: Version;
  /** Fields in which both say something of their own. */
  conflicts: string[];
}

/** `base`: what both began with; null where that is not known. */
export function reconcile(base: Version | null, mine: Version, theirs: Version): Reconciled {
  const merged: Record<string, unknown> = {};
  const conflicts: string[] = [];
  for (const field of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const found = ofField(base === null ? null : { value: base[field] }, mine[field], theirs[field]);
    merged[field] = found === null ? mine[field] : found.value;
    if (found === null) conflicts.push(field);
  }
  return { merged, conflicts };
}

interface Value {
  value: unknown;
}

/** What the field says in the end; null: somebody has to choose. */
function ofField(base: Value | null, mine: unknown, theirs: unknown): Value | null {
  if (isSame(mine, theirs)) return { value: mine };
  if (base !== null && isSame(base.value, mine)) return { value: theirs };
  if (base !== null && isSame(base.value, theirs)) return { value: mine };
  if (isBlank(mine) && base === null) return { value: theirs };
  if (isBlank(theirs) && base === null) return { value: mine };
  if (typeof mine === "string" && typeof theirs === "string") {
    if (!isBlank(theirs) && mine.includes(theirs)) return { value: mine };
    if (!isBlank(mine) && theirs.includes(mine)) return { value: theirs };
  }
  return null;
}

export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function isBlank(value: unknown): boolean {
  return value == null || (typeof value === "string" && value.trim() === "");
}

/** What becomes of one field: the person's word. */
export type Choice = { take: "mine" } | { take: "theirs" } | { take: "both" } | { take: "own"; text: string };

/** The versions put together as somebody chose; a field without a choice stays as `mine` has it. */
export function chosen(mine: Version, theirs: Version, choices: Readonly<Record<string, Choice>>): Version {
  const result: Record<string, unknown> = { ...mine };
  for (const [field, choice] of Object.entries(choices)) result[field] = ofChoice(mine[field], theirs[field], choice);
  return result;
}

export function ofChoice(mine: unknown, theirs: unknown, choice: Choice): unknown {
  switch (choice.take) {
    case "mine":
      return mine;
    case "theirs":
      return theirs;
    case "own":
      return choice.text;
    case "both":
      return together(String(mine ?? ""), String(theirs ?? ""));
  }
}

/** Both texts, one after the other; once, where one holds the other. */
export function together(mine: string, theirs: string): string {
  if (mine.includes(theirs.trim())) return mine;
  if (theirs.includes(mine.trim())) return theirs;
  return `${mine.trimEnd()}\n${theirs.trimStart()}`;
}
