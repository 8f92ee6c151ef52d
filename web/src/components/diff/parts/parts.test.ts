import { codeToTokens as wholeTokens } from "@pierre/highlights";
import theme from "@pierre/highlights/themes/github-light-high-contrast";
import { describe, expect, it } from "vitest";
import { codeToTokens } from "./colours";
import { mergeAlike } from "./merge";
import { codeToTokens as plainTokens } from "./plain";
import { diffWordsWithSpace } from "./words";

const CODE =
  'def price(net: int) -> str:\n    """\n    With tax.\n    """\n\n    log.debug(rates.of(net, tax))\n    return f"{net * 1.19:.2f}"  # gross\n';
const textOf = (tokens: { content: string }[][]) => tokens.map((line) => line.map(({ content }) => content).join(""));

describe("pieces of coloured lines", () => {
  it("are fewer, hold the same text and give each visible character its colour", () => {
    const [whole, merged] = [
      wholeTokens(CODE, { lang: "python", theme }),
      codeToTokens(CODE, { lang: "python", theme }),
    ];
    const coloursOf = (lines: { content: string; color?: string }[][]) =>
      lines.map((line) =>
        line.flatMap(({ content, color }) => [...content].map((char) => char.trim() && char + color)),
      );
    expect(textOf(merged.tokens)).toEqual(CODE.split("\n"));
    expect(coloursOf(merged.tokens)).toEqual(coloursOf(whole.tokens));
    expect(merged.tokens.flat().length).toBeLessThan(whole.tokens.flat().length);
  });

  it("stay apart where they look different", () => {
    const word = { content: "a", offset: 0, color: "#111", fontStyle: 0 };
    const bold = { ...word, content: "b", fontStyle: 2 };
    expect(mergeAlike([word, bold, { ...bold, color: "#222" }])).toHaveLength(3);
  });

  it("do not change what they were made of", () => {
    const line = [
      { content: "a", offset: 0 },
      { content: "b", offset: 1 },
    ];
    expect(mergeAlike(line)).toEqual([{ content: "ab", offset: 0 }]);
    expect(line.map(({ content }) => content)).toEqual(["a", "b"]);
  });
});

it("shows lines plain as they are", () => {
  expect(textOf(plainTokens(CODE, { lang: "text" }).tokens)).toEqual(CODE.split("\n"));
});

describe("words in which lines differ", () => {
  const marked = (before: string, after: string) =>
    diffWordsWithSpace(before, after)
      .filter(({ added, removed }) => added || removed)
      .map(({ value }) => value);

  it("are marked where most of a line stayed", () => {
    expect(marked("return total(net, tax)", "return total(gross, tax)")).toEqual(["net", "gross"]);
    expect(marked("    go()", "        go()")).toHaveLength(2);
    expect(marked("call(a)", "call(a, retries=3, timeout=settings.patience)").length).toBeGreaterThan(0);
  });

  it("are not marked where a line was rewritten", () => {
    expect(diffWordsWithSpace("for row in table.rows:", "with open(path) as handle:")).toEqual([]);
    expect(diffWordsWithSpace("import json", "def main(argv: list[str]) -> int:")).toEqual([]);
  });
});
