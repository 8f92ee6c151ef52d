import { beforeEach, describe, expect, test } from "vitest";
import { forget, isRecord, keep, keepFor, kept } from "./kept";
import { MemoryStorage } from "./memory-storage";

let storage: MemoryStorage;
beforeEach(() => {
  storage = MemoryStorage.install();
  keepFor("ada");
});

describe("what is not saved yet", () => {
  test("comes back to the one who typed it, and to nobody else", () => {
    keep("rating/1/1", { justification: "half a sen" });
    keepFor("ravi");
    expect(kept("rating/1/1", isRecord)).toBeNull();
    keepFor(null);
    expect(kept("rating/1/1", isRecord)).toBeNull();
    keep("rating/1/1", { justification: "nobody’s" });
    keepFor("ada");
    expect(kept("rating/1/1", isRecord)?.value).toEqual({ justification: "half a sen" });
  });

  test("is gone once it is saved", () => {
    keep("expectation/1/1", { text: "read the file first" });
    forget("expectation/1/1");
    expect(kept("expectation/1/1", isRecord)).toBeNull();
    expect(storage.items.size).toBe(0);
  });

  test("knows what it was typed over", () => {
    keep("expectation/1/1", { text: "old and new" }, { text: "old" });
    expect(kept("expectation/1/1", isRecord)?.base).toEqual({ text: "old" });
    keep("expectation/1/1", { text: "old and new" });
    expect(kept("expectation/1/1", isRecord)?.base).toBeNull();
  });

  test("is not believed when it is something else", () => {
    storage.setItem("marlin-unsaved/ada/expectation/1/1", '{"value": 3, "at": 1}');
    storage.setItem("marlin-unsaved/ada/rating/1/1", "no json");
    expect(kept("expectation/1/1", isRecord)).toBeNull();
    expect(kept("rating/1/1", isRecord)).toBeNull();
  });
});
