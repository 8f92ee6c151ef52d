import { expect, test } from "vitest";
import { nextCursor } from "./pages";

test("the next page is where the Link header says", () => {
  expect(nextCursor('</api/v1/people?search=a%20b&cursor=WyJ4Il0&limit=3>; rel="next"')).toBe("WyJ4Il0");
  expect(nextCursor('<https://marlin.example/api/v1/people?cursor=a-b_c>; rel="next"')).toBe("a-b_c");
  expect(nextCursor('</api/v1/people?cursor=x>; rel="prev"')).toBeNull();
  expect(nextCursor(null)).toBeNull();
});
