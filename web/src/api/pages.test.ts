import { expect, test } from "vitest";
import { allRows, nextCursor, withoutRows } from "./pages";

test("the next page is where the Link header says", () => {
  expect(nextCursor('</api/v1/people?search=a%20b&cursor=WyJ4Il0&limit=3>; rel="next"')).toBe("WyJ4Il0");
  expect(nextCursor('<https://marlin.example/api/v1/people?cursor=a-b_c>; rel="next"')).toBe("a-b_c");
  expect(nextCursor('</api/v1/people?cursor=x>; rel="prev"')).toBeNull();
  expect(nextCursor(null)).toBeNull();
});

test("what is gone leaves every page of a kept list, and cursors stay", () => {
  const kept = {
    pages: [
      { rows: ["a", "b"], next: "x" },
      { rows: ["b", "c"], next: null },
    ],
    pageParams: [null, "x"],
  };
  const left = withoutRows(kept, (row) => row === "b");
  expect(left && allRows(left)).toEqual(["a", "c"]);
  expect(left?.pages.map((page) => page.next)).toEqual(["x", null]);
  expect(allRows(kept)).toEqual(["a", "b", "b", "c"]);
  expect(withoutRows(undefined, () => true)).toBeUndefined();
});
