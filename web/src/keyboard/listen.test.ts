import { describe, expect, test } from "vitest";
import { currentCommands, registerCommands } from "./commands";
import { match, type Press } from "./listen";
import { ALL_KEYS, KEYS } from "./tables";

const press = (key: string, more: Partial<Press> = {}): Press => ({ key, mod: false, other: false, ...more });
const commands = [
  { id: "palette", keys: "Mod+k" },
  { id: "go-tasks", keys: "g t" },
  { id: "next", keys: "n" },
  { id: "split", keys: "t" },
  { id: "none", keys: null },
];

describe("keys", () => {
  test("one key, a modified one, and two in a row", () => {
    expect(match(press("n"), null, commands)).toEqual({ id: "next" });
    expect(match(press("K", { mod: true }), null, commands)).toEqual({ id: "palette" });
    expect(match(press("g"), null, commands)).toEqual({ prefix: "g" });
    expect(match(press("t"), "g", commands)).toEqual({ id: "go-tasks" });
  });

  test("a key that means nothing after the first counts for itself", () => {
    expect(match(press("n"), "g", commands)).toEqual({ id: "next" });
    expect(match(press("x"), "g", commands)).toBeNull();
  });

  test("the browser's own keys stay the browser's", () => {
    expect(match(press("n", { mod: true }), null, commands)).toBeNull();
    expect(match(press("n", { other: true }), null, commands)).toBeNull();
  });

  test("no two keys of the tables mean two things at once, and every name is there once", () => {
    expect(KEYS.size).toBe(ALL_KEYS.length);
    const listened = ALL_KEYS.filter((binding) => !["Rating", "Transcripts"].includes(binding.group));
    expect(new Set(listened.map((binding) => binding.keys)).size).toBe(listened.length);
    const single = new Set(listened.filter((binding) => !binding.keys.includes(" ")).map((binding) => binding.keys));
    expect(
      listened.filter((binding) => binding.keys.includes(" ") && single.has(binding.keys.split(" ")[0] ?? "")),
    ).toEqual([]);
  });

  test("the inner part's command wins, and leaves with it", () => {
    const outer = registerCommands(() => [{ id: "help", run: () => {}, label: "outer" }]);
    const inner = registerCommands(() => [{ id: "help", run: () => {}, label: "inner" }]);
    expect(currentCommands().map((command) => command.label)).toEqual(["inner"]);
    inner();
    expect(currentCommands().map((command) => command.label)).toEqual(["outer"]);
    outer();
    expect(currentCommands()).toEqual([]);
  });
});
