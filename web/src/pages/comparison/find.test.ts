import { expect, test } from "vitest";
import { parsePatch } from "../../components/diff";
import { patternOf } from "../../components/repository/SearchField";
import { findIn, inOrder } from "./find";

const PATCH = `diff --git a/a.py b/a.py
index 1111111..2222222 100644
--- a/a.py
+++ b/a.py
@@ -2,3 +2,3 @@
 two needle
-old needle
+new Needle needle
 four
diff --git a/b.py b/b.py
index 1111111..2222222 100644
--- a/b.py
+++ b/b.py
@@ -1 +1 @@
-x
+needles
`;
const files = parsePatch(PATCH, "t");
const pattern = (text: string, more = {}) =>
  patternOf({ text, matchCase: false, words: false, regex: false, ...more }) as RegExp;
const told = (found: ReturnType<typeof findIn>) => found.map((m) => `${m.path} ${m.which} ${m.line}:${m.at}`);

test("a diff is searched line by line, removed ones by their old numbers", () => {
  expect(told(findIn("A", files, pattern("needle"), null))).toEqual([
    ...["a.py new 2:4", "a.py old 3:4", "a.py new 3:4", "a.py new 3:11", "b.py new 1:0"],
  ]);
  expect(findIn("A", files, pattern("needle", { words: true }), null)).toHaveLength(4);
  expect(findIn("A", files, pattern("Needle", { matchCase: true }), null)).toHaveLength(1);
  expect(findIn("A", files, pattern("n[e]+dles?$", { regex: true }), null)).toHaveLength(4);
  expect(findIn("A", files, pattern("n.*e"), null)).toEqual([]);
  expect(findIn("A", files, pattern("needle"), null, 2)).toHaveLength(2);
  expect(findIn("A", files, pattern("x*", { regex: true }), null)).toHaveLength(1);
});

test("whole files add the lines that the diff leaves out", () => {
  const whole = new Map([["a.py", "needle one\ntwo needle\nnew Needle needle\nfour\nfive needle"]]);
  expect(told(findIn("A", files, pattern("needle"), whole))).toEqual([
    ...[
      "a.py new 1:0",
      "a.py new 2:4",
      "a.py old 3:4",
      "a.py new 3:4",
      "a.py new 3:11",
      "a.py new 5:5",
      "b.py new 1:0",
    ],
  ]);
});

test("what is no pattern says so, and matches of two panes are read file by file", () => {
  expect(patternOf({ text: "(", matchCase: false, words: false, regex: true })).toContain("no regular expression");
  const a = findIn("A", files, pattern("needle"), null);
  const b = findIn("B", files.slice(0, 1), pattern("two"), null);
  expect(inOrder([a, b], ["a.py", "b.py"]).map((match) => match.pane + match.path)).toEqual([
    ...["Aa.py", "Aa.py", "Aa.py", "Aa.py", "Ba.py", "Ab.py"],
  ]);
});
