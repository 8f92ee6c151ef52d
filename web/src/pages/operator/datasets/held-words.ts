import type { HeldValue } from "../../../api/held";

/** What was just done to a value. */
export const DECIDED = { keep: "Kept", redact: "Redacted", undecided: "Undecided again:" } as const;

/** The values that a search means: by name, first characters, and where they stand. */
export function heldMatching(values: readonly HeldValue[], search: string): HeldValue[] {
  const wanted = search.trim().toLowerCase();
  return values.filter((one) =>
    [one.name, one.shown, one.id, ...one.places.flatMap((place) => [place.where, place.file ?? ""])].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  );
}
