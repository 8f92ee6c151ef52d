import { describe, expect, test } from "vitest";
import { CHANGES_KEYS } from "./keys";
import { changesLink, jumped, readChangesSearch } from "./links";

describe("a link into the changes", () => {
  test("says no more than it must", () => {
    expect(changesLink({ comparison: "c", path: "a b.py", side: "A" })).toEqual({
      state: jumped,
      to: "/comparisons/$id",
      params: { id: "c" },
      search: { view: "changes", file: "a b.py", side: "A" },
    });
    expect(
      changesLink({ comparison: "c", turn: 2, path: "x", side: "B", which: "old", line: 3, to: 9 }).search,
    ).toEqual({ turn: 2, view: "changes", file: "x", side: "B", which: "old", line: 3, to: 9 });
    expect(changesLink({ comparison: "c", path: "x", side: "B", line: 3, to: 3, mode: "between" }).search).toEqual({
      view: "changes",
      mode: "between",
      file: "x",
      side: "B",
      line: 3,
    });
  });

  test("is gone to again each time it is pressed", () => {
    expect(jumped().jump).not.toBe(jumped().jump);
  });

  test("is read as it was written, and nonsense is left out", () => {
    const { search } = changesLink({ comparison: "c", path: "x", side: "B", which: "old", line: 3, to: 9, mode: "B" });
    expect(readChangesSearch(search)).toEqual({ mode: "B", file: "x", side: "B", which: "old", line: 3, to: 9 });
    expect(readChangesSearch({ file: 2024, mode: "C", side: "x", line: -1, to: 4, which: 1 })).toEqual({
      file: "2024",
    });
    expect(readChangesSearch({ line: 7, to: 7.5 })).toEqual({ line: 7 });
    expect(readChangesSearch({ line: 7, to: 3 })).toEqual({ line: 7 });
  });
});

test("no key means two things", () => {
  const keys = CHANGES_KEYS.map((binding) => binding.keys);
  expect(new Set(keys).size).toBe(keys.length);
});
