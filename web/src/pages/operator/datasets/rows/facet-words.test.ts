import { expect, test } from "vitest";
import { readAmong } from "../row/search";
import { choiceOf, facetName, inOrder, partsOf, toggled, valueName } from "./facet-words";

test("facets and values have names for people", () => {
  expect([facetName("label"), facetName("axis:maintainability"), facetName("novel_one")]).toEqual([
    "Judgement",
    "Maintainability: better side",
    "Novel one",
  ]);
  expect([
    valueName("label", "both_bad"),
    valueName("axis:security", "B"),
    valueName("strength", "3"),
    valueName("category", "bug_fix"),
    valueName("repository", "https://github.com/mlflow/mlflow"),
    valueName("turn", "2"),
    valueName("licence", "MIT"),
    valueName("agreement", "all agree"),
  ]).toEqual([
    "Both bad",
    "B is better",
    "3, much better",
    "Bug fix",
    "github.com/mlflow/mlflow",
    "Turn 2",
    "MIT",
    "All agree",
  ]);
});

test("the order of values does not change with what is chosen", () => {
  const value = (name: string, count: number, total: number) => ({ value: name, count, total });
  const order = (name: string, values: ReturnType<typeof value>[]) =>
    inOrder({ name, values, more: 0 }).map((one) => one.value);
  expect(order("turn", [value("10", 9, 9), value("2", 1, 1)])).toEqual(["2", "10"]);
  expect(order("licence", [value("MIT", 5, 10), value("0BSD", 0, 40)])).toEqual(["0BSD", "MIT"]);
});

test("a choice is taken back by the same press, and values may hold any sign", () => {
  const choice = choiceOf("licence", "a=b");
  expect(partsOf(choice)).toEqual({ facet: "licence", value: "a=b" });
  expect(toggled(toggled(["label=A"], choice), choice)).toEqual(["label=A"]);
});

test("an address says what was chosen", () => {
  expect(readAmong({ where: ["label=A", 3], q: 404, start: 25 })).toEqual({ where: ["label=A"], q: "404", start: 25 });
  expect(readAmong({ where: "label=A", q: "", start: -1 })).toEqual({ where: ["label=A"] });
  expect(readAmong({})).toEqual({});
});
