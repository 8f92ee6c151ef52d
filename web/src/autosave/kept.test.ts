import { beforeEach, describe, expect, test } from "vitest";
import { forget, isRecord, isText, keep, keepFor, kept } from "./kept";

class Storage {
  readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

let storage: Storage;
beforeEach(() => {
  storage = new Storage();
  Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
  keepFor("ada");
});

describe("what is not saved yet", () => {
  test("comes back to the one who typed it, and to nobody else", () => {
    keep("rating/1/1", { justification: "half a sen" });
    keepFor("ravi");
    expect(kept("rating/1/1", isRecord)).toBeNull();
    keepFor(null);
    expect(kept("rating/1/1", isRecord)).toBeNull();
    keep("rating/1/1", "nobody’s");
    keepFor("ada");
    expect(kept("rating/1/1", isRecord)).toEqual({ justification: "half a sen" });
  });

  test("is gone once it is saved", () => {
    keep("expectation/1/1", "read the file first");
    forget("expectation/1/1");
    expect(kept("expectation/1/1", isText)).toBeNull();
    expect(storage.items.size).toBe(0);
  });

  test("gives way to what another device saved later", () => {
    keep("expectation/1/1", "old");
    const hour = 3_600_000;
    expect(kept("expectation/1/1", isText, new Date(Date.now() - hour).toISOString())).toBe("old");
    expect(kept("expectation/1/1", isText, new Date(Date.now() + hour).toISOString())).toBeNull();
  });

  test("is not believed when it is something else", () => {
    storage.setItem("marlin-unsaved/ada/expectation/1/1", '{"value": 3, "at": 1}');
    storage.setItem("marlin-unsaved/ada/rating/1/1", "no json");
    expect(kept("expectation/1/1", isText)).toBeNull();
    expect(kept("rating/1/1", isRecord)).toBeNull();
  });
});
