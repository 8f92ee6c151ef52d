import { FancyAnsi } from "fancy-ansi";
import { describe, expect, test } from "vitest";
import { LONGEST_LINE, terminalLines, terminalPieces, withoutColours } from "./terminal";
import { hasHidden, hiddenMark, hiddenName, pieces, spelledOut } from "./visible";

const OVERRIDE = "\u202e";
const draw = (text: string) =>
  terminalPieces(text)
    .map((piece) => (piece.hidden ? hiddenMark(piece.text) : new FancyAnsi().toHtml(piece.text)))
    .join("");

describe("hidden characters", () => {
  test("an override that makes code read otherwise than it runs is written out and named", () => {
    const line = `access = "user${OVERRIDE} \u2066# admin\u2069";`;
    expect(hasHidden(line)).toBe(true);
    expect(spelledOut(line)).toBe('access = "user⟨U+202E⟩ ⟨U+2066⟩# admin⟨U+2069⟩";');
    expect(hiddenName(OVERRIDE)).toBe("right-to-left override (U+202E)");
    expect(
      pieces(line)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(line);
  });

  test("controls, zero-width characters and tags show; tabs, line ends, letters and emoji stay", () => {
    expect(spelledOut("a\u0007b\u0000\u007f")).toBe("a⟨BEL⟩b⟨NUL⟩⟨DEL⟩");
    expect(spelledOut("pass\u200bword")).toBe("pass⟨U+200B⟩word");
    expect(spelledOut("x\u{e0041}")).toBe("x⟨U+E0041⟩");
    for (const fine of ["a\tb\nc", "שלום", "مرحبا", "né", "👩‍👩‍👧", ""]) expect(spelledOut(fine)).toBe(fine);
  });
});

describe("terminal output", () => {
  test("colours stay, every other sequence is written out", () => {
    expect(draw("\u001b[31mred\u001b[0m")).toContain("ansi-red");
    const html = draw("\u001b[2J\u001b]0;title\u0007\u001b]8;;https://evil.example\u001b\\\\click\u001b]8;;\u001b\\\\");
    expect(html).not.toContain("href");
    expect(html).toContain("⟨ESC⟩]0;title⟨BEL⟩");
  });

  test("a colour goes on behind a hidden character, and ends where it ends", () => {
    expect(terminalPieces("\u001b[31ma\u0007b\u001b[0mc")).toEqual([
      { text: "\u001b[31ma", hidden: false },
      { text: "\u0007", hidden: true },
      { text: "\u001b[31mb\u001b[0mc", hidden: false },
    ]);
    expect(withoutColours("\u001b[1;31ma\u001b[0m")).toBe("a");
  });

  test("never becomes markup", () => {
    expect(draw('\u001b[31m<img src=x onerror="alert(1)">\u001b[0m')).not.toContain("<img");
  });

  test("a line takes over the colours left on by the one before", () => {
    expect(terminalLines("\u001b[31ma\nb\u001b[0m\nc\n")).toEqual(["\u001b[31ma", "\u001b[31mb\u001b[0m", "c"]);
  });

  test("what a carriage return would overwrite is a line of its own", () => {
    expect(terminalLines("10%\r20%\r\ndone\n")).toEqual(["10%", "20%", "done"]);
    expect(terminalLines("\r".repeat(200_000))).toEqual([]);
  });

  test("a million characters in a line are cut, and a program that never resets does not grow its lines", () => {
    const [line] = terminalLines("x".repeat(1_000_000));
    expect(line?.length).toBeLessThan(LONGEST_LINE + 100);
    expect(line).toContain("998,000 more characters");
    const lines = terminalLines(Array.from({ length: 5000 }, () => "\u001b[3mx").join("\n"));
    expect(Math.max(...lines.map((entry) => entry.length))).toBeLessThan(200);
  });
});
