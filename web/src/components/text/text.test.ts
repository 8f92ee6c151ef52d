import { FancyAnsi } from "fancy-ansi";
import { describe, expect, test } from "vitest";
import { tail } from "./tail";
import { duration, relativeTime, roughly } from "./time";

describe("text", () => {
  test("a long log shows its end, from the start of a line", () => {
    expect(tail("short", 10)).toEqual({ text: "short", omitted: 0 });
    expect(tail("aaaa\nbbbb\ncccc", 8)).toEqual({ text: "cccc", omitted: 10 });
    expect(tail("x".repeat(5000), 100)).toEqual({ text: "x".repeat(100), omitted: 4900 });
  });

  test("terminal output never becomes markup", () => {
    const html = new FancyAnsi().toHtml('\u001b[31m<img src=x onerror="alert(1)">\u001b[0m');
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img");
  });

  test("durations and times read as people say them", () => {
    expect([0.42, 41.3, 75, 3700].map((seconds) => duration(seconds))).toEqual([
      "0.4 s",
      "41 s",
      "1 min 15 s",
      "1 h 1 min",
    ]);
    expect([5, 0].map((seconds) => duration(seconds, true))).toEqual(["5 s", "0 s"]);
    expect([40, 720, 3600, 5400].map(roughly)).toEqual([
      "about a minute",
      "about 12 minutes",
      "about an hour",
      "about 1.5 hours",
    ]);
    const now = Date.parse("2026-11-23T12:00:00Z");
    expect(relativeTime("2026-11-23T11:59:30Z", now)).toBe("just now");
    expect(relativeTime("2026-11-23T09:00:00Z", now)).toMatch(/3/);
  });
});
