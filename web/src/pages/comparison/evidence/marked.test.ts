import { describe, expect, it } from "vitest";
import { fitting, pieces } from "./marked";

const mark = (start: number, end: number, words: string) => ({ field: "justification", start, end, words });

describe("marked text", () => {
  it("is cut at citations and marks, and put together is the text", () => {
    const text = "A is safer [A#x.py:1] than B.";
    const found = pieces(text, [mark(0, 10, "A is safer")]);
    expect(found.map((piece) => piece.text).join("")).toBe(text);
    expect(found.map((piece) => [piece.text, piece.marked, piece.citation !== null])).toEqual([
      ["A is safer", true, false],
      [" ", false, false],
      ["[A#x.py:1]", false, true],
      [" than B.", false, false],
    ]);
  });

  it("counts as the server counts, in code points", () => {
    expect(fitting("😀 B wins", [mark(2, 8, "B wins")])).toEqual([[3, 9]]);
  });

  it("follows words that moved, and drops marks whose words are gone", () => {
    expect(fitting("Well, B wins", [mark(0, 6, "B wins")])).toEqual([[6, 12]]);
    expect(fitting("B loses", [mark(0, 6, "B wins")])).toEqual([]);
  });

  it("is cut in one walk, however many citations and marks there are", () => {
    const text = "[A#a] A ".repeat(20_000);
    const marks = Array.from({ length: 20_000 }, (_, at) => mark(at * 8 + 6, at * 8 + 7, "A"));
    const found = pieces(text, [...marks].reverse());
    expect(found.map((piece) => piece.text).join("")).toBe(text);
    expect(found.filter((piece) => piece.citation)).toHaveLength(20_000);
    expect(found.filter((piece) => piece.marked)).toHaveLength(20_000);
  });

  it("keeps a citation whole, also where a mark ends in it", () => {
    const text = "see [A#x.py:1]";
    expect(pieces(text, [mark(0, 8, "see [A#x")]).map((piece) => piece.text)).toEqual(["see ", "[A#x.py:1]"]);
  });
});
