import { describe, expect, it } from "vitest";
import { citedKey, citedNotes, citedPlaces, oncePerField, placesUnder, stepPlaces } from "./cited-places";

const texts = {
  justification:
    "B drops it [B#src/rows.py:31], A does not [A#src/rows.py:4-9]. See [A#step-7] and [B#src/rows.py:31].",
  weaknesses_b: "Loses the last row [B#src/rows.py:31]; took away [B#src/rows.py:2@base].",
};

describe("what a rating cites", () => {
  const places = citedPlaces(texts);

  it("is found in every field, in the form’s order, with its place in the text", () => {
    expect(places.map(({ field }) => field)).toEqual([
      "weaknesses_b",
      "weaknesses_b",
      ...Array.from({ length: 4 }, () => "justification"),
    ]);
    for (const { field, start, end } of places) {
      expect(texts[field as keyof typeof texts].slice(start, end)).toMatch(/^\[[AB]#.*\]$/);
    }
  });

  it("is marked once for each place, below its last line", () => {
    expect(citedNotes(places, 1).map(({ side, path, which, line, from }) => [side, path, which, line, from])).toEqual([
      ["B", "src/rows.py", "new", 31, undefined],
      ["B", "src/rows.py", "old", 2, undefined],
      ["A", "src/rows.py", "new", 9, 4],
    ]);
  });

  it("leads back to each field that cites it", () => {
    const key = citedKey({ kind: "file", side: "B", path: "src/rows.py", lines: [31, 31], at: "result" });
    expect(placesUnder(places, key)).toHaveLength(3);
    expect(oncePerField(placesUnder(places, key)).map(({ label }) => label)).toEqual(["Weaknesses of B", "Why"]);
    expect(stepPlaces(places, "A", 7)).toHaveLength(1);
    expect(stepPlaces(places, "B", 7)).toHaveLength(0);
  });

  it("tells the lines of the base from those of the turn’s start, where they differ", () => {
    expect(citedNotes(places, 2).find(({ which }) => which === "old")?.before).toBe("base");
    expect(citedNotes(places, 1).find(({ which }) => which === "old")?.before).toBeUndefined();
  });

  it("stands at the top of a file that is cited as a whole", () => {
    expect(citedNotes(citedPlaces({ justification: "[A#README.md]" }), 1)[0]?.line).toBe(0);
  });
});
