import { describe, expect, it } from "vitest";
import { type Citation, findCitations, writeCitation } from "./citation";
import vectors from "./vectors.json";

interface Written {
  side: string;
  path?: string;
  lines?: number[];
  at?: string;
  step?: number;
}

function plain(citation: Citation): Written {
  if (citation.kind === "step") return { side: citation.side, step: citation.step };
  return {
    side: citation.side,
    path: citation.path,
    ...(citation.lines ? { lines: [...citation.lines] } : {}),
    ...(citation.at === "result" ? {} : { at: citation.at }),
  };
}

describe("citations", () => {
  it.each(vectors.map((vector) => [vector.text, vector] as const))(
    "are read as the server reads them: %s",
    (text, vector) => {
      const found = findCitations(text);
      expect(found.map((entry) => plain(entry.citation))).toEqual(vector.found);
      expect(found.map((entry) => writeCitation(entry.citation))).toEqual(vector.canonical);
      expect(found.map((entry) => text.slice(entry.start, entry.end))).toEqual(found.map((entry) => entry.token));
    },
  );

  it("come back as they were written", () => {
    for (const path of ["a.py", "step-3", "a:b", "[x]", "100%", "%41", "a@base", "é/😀\u202e.py", "a#b"]) {
      for (const at of ["result", "base", "start"] as const) {
        const citation: Citation = { kind: "file", side: "B", path, lines: [3, 9], at };
        expect(findCitations(`x${writeCitation(citation)}y`).map((entry) => entry.citation)).toEqual([citation]);
      }
    }
  });
});
