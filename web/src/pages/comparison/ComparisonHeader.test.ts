import { MantineProvider } from "@mantine/core";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import type { Comparison } from "../../api/types";
import { ComparisonHeader } from "./ComparisonHeader";

it("keeps a title with an override of direction from turning what stands beside it", () => {
  const comparison = {
    id: "1",
    status: "to_rate",
    mine: true,
    judging: false,
    campaign: { title: "Odd \u202e title" },
    brief: {
      title: "Mend it",
      source: "https://example.org/a\u202e",
      category: "bug_fix",
      base_commit: "0".repeat(40),
    },
    turns: [{ number: 1, status: "ready", sides: {} }],
    actions: {},
  } as unknown as Comparison;
  const header = createElement(ComparisonHeader, { comparison, ratings: undefined, turn: 1 });
  const html = renderToStaticMarkup(createElement(MantineProvider, null, header));
  expect(html).toContain("<bdi>Odd \u202e title</bdi> · ");
  expect(html).toContain("<bdi>https://example.org/a\u202e</bdi> at");
});
