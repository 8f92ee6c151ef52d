import { describe, expect, test } from "vitest";
import { fragmentToken, safeNext, startFor } from "./fragment";

describe("links", () => {
  test("the token is what follows the #", () => {
    expect(fragmentToken("#abc-123")).toBe("abc-123");
    expect(fragmentToken("token=a%2Bb")).toBe("a+b");
    expect(fragmentToken("#%E0%A4%A")).toBe("%E0%A4%A");
    expect(fragmentToken("")).toBe("");
  });

  test.each(["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", undefined])(
    "signing in never leads to %j",
    (next) => {
      expect(safeNext(next)).toBe("/");
    },
  );

  test("signing in leads back within the app, or to the page of one's role", () => {
    expect(safeNext("/comparisons/1?turn=2")).toBe("/comparisons/1?turn=2");
    expect(startFor(["operator", "contributor"])).toBe("/");
    expect(startFor(["reviewer"])).toBe("/reviews");
    expect(startFor(["operator"])).toBe("/operator");
  });
});
