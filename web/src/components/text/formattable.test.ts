import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { expect, test } from "vitest";
import { isFormattable } from "./formattable";

const filled = (part: string, length = 20_000) => part.repeat(length / part.length);

// The first four take seconds to minutes to draw, or exceed the stack.
test.each(["1. ", "> ", "> - ", "www.a_", "~~a", "*a_ ", "**a", "]]", "](", "[a][", "=\n", "a\n=\n"])(
  "%j again and again is shown as it is",
  (part) => {
    expect(isFormattable(`See this:\n\n${filled(part)}`)).toBe(false);
  },
);

test("what people and agents write is formatted", () => {
  const fine = [
    "",
    "- a\n  - b\n    > c",
    "| a | b |\n|---|---|\n",
    "*".repeat(80),
    "- - - -",
    "a_b ".repeat(100),
    "[1] ".repeat(900),
    "a\n---\n".repeat(150),
  ];
  for (const text of fine) expect(isFormattable(text)).toBe(true);
  expect(isFormattable(filled("Run `pytest -q`; **two** tests fail: see https://a.example/x\n\n"))).toBe(true);
});

test.each(["[", "`", "<a ", "|a\n|-\n", "a@b.", "[^1]", "# ", "![a](", "- [ ] a\n"])(
  "%j again and again can be drawn",
  (part) => {
    const text = filled(part, 4_000);
    expect(isFormattable(text)).toBe(true);
    const markup = renderToStaticMarkup(createElement(ReactMarkdown, { remarkPlugins: [remarkGfm] }, text));
    expect(markup.length).toBeGreaterThan(0);
  },
);
