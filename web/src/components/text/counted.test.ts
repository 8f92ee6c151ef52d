import { expect, test } from "vitest";
import { counted } from "./counted";

test("one is one, and everything else is many", () => {
  expect(counted(1, "turn")).toBe("1 turn");
  expect(counted(0, "turn")).toBe("0 turns");
  expect(counted(2, "turn")).toBe("2 turns");
});

test("nouns that are not made plural by an s are given", () => {
  expect(counted(1, "person", "people")).toBe("1 person");
  expect(counted(1204, "person", "people")).toBe("1,204 people");
});

test("thousands are set apart", () => {
  for (const count of [0, 7, 999, 1000, 12_345, 123_456, 1_234_567.4, 9_999_999_999])
    expect(counted(count, "step")).toBe(`${Math.round(count).toLocaleString("en-US")} steps`);
});
