import { describe, expect, test } from "vitest";
import { pythonText, shellWord } from "./commands";

describe("a name within a command", () => {
  test("stays as it is where nothing in it means more", () => {
    expect(shellWord("/data/sets/spring-0a1b/axes/x_y")).toBe("/data/sets/spring-0a1b/axes/x_y");
    expect(pythonText("/data/spring")).toBe('"/data/spring"');
  });

  test("is one word, whatever is in it", () => {
    expect(shellWord("")).toBe("''");
    expect(shellWord("two words")).toBe("'two words'");
    expect(shellWord("a;$(touch x)`y`\n&")).toBe("'a;$(touch x)`y`\n&'");
    expect(shellWord("it's")).toBe(`'it'"'"'s'`);
    expect(shellWord("é")).toBe("'é'");
  });

  test("ends no text of Python", () => {
    expect(pythonText('x"); import os; os.remove("y\\')).toBe('"x\\"); import os; os.remove(\\"y\\\\"');
    expect(pythonText("a\nb\u0000\ud800")).toBe('"a\\nb\\u0000\\ud800"');
  });
});
