import { expect, test } from "vitest";
import { parsePatch } from "../../components/diff";
import { NotRun, TooSlow } from "../../components/search/matcher";
import { matchesIn, patternOf } from "../../components/search/pattern";
import { inOrder, linesOf, partsOf } from "./find";
import { findAll } from "./find-all";

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

/** As the worker does it, without one. */
const matcher = {
  find: async (wanted: RegExp, parts: readonly (readonly string[])[]) =>
    parts.map((lines) => lines.map((line) => matchesIn(line, wanted))),
};
const NEVER = new AbortController().signal;

async function found(wanted: RegExp, whole: ReadonlyMap<string, string> | null = null) {
  const all = await findAll(matcher, wanted, [{ pane: "A", files, whole }], NEVER, () => undefined);
  return all.perPane[0]?.map((m) => `${m.path} ${m.which} ${m.line}:${m.at}`);
}

test("a diff is searched line by line, removed ones by their old numbers", async () => {
  expect(await found(pattern("needle"))).toEqual([
    ...["a.py new 2:4", "a.py old 3:4", "a.py new 3:4", "a.py new 3:11", "b.py new 1:0"],
  ]);
  expect(await found(pattern("needle", { words: true }))).toHaveLength(4);
  expect(await found(pattern("Needle", { matchCase: true }))).toHaveLength(1);
  expect(await found(pattern("n[e]+dles?$", { regex: true }))).toHaveLength(4);
  expect(await found(pattern("n.*e"))).toEqual([]);
  expect(await found(pattern("x*", { regex: true }))).toHaveLength(1);
});

test("whole files add the lines that the diff leaves out", async () => {
  const whole = new Map([["a.py", "needle one\ntwo needle\nnew Needle needle\nfour\nfive needle"]]);
  expect(await found(pattern("needle"), whole)).toEqual([
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

test("what is no pattern says so, and matches of two panes are read file by file", async () => {
  expect(patternOf({ text: "(", matchCase: false, words: false, regex: true })).toContain("no regular expression");
  const sources = [
    { pane: "A" as const, files, whole: null },
    { pane: "B" as const, files: files.slice(0, 1), whole: null },
  ];
  const shares: number[] = [];
  const { perPane } = await findAll(matcher, pattern("needle|two", { regex: true }), sources, NEVER, (share) =>
    shares.push(share),
  );
  expect(shares.at(-1)).toBe(1);
  expect(inOrder(perPane, ["a.py", "b.py"]).map((match) => match.pane + match.path)).toEqual([
    ...["Aa.py", "Aa.py", "Aa.py", "Aa.py", "Aa.py", "Ba.py", "Ba.py", "Ba.py", "Ba.py", "Ba.py", "Ab.py"],
  ]);
});

test("no more than anybody steps through, and long files in parts", async () => {
  const long = Array.from({ length: 4_500 }, (_, n) => `x ${n} x`).join("\n");
  const lines = linesOf(files[0] ?? expect.fail(), long);
  expect(partsOf("A", "a.py", lines).map((part) => part.lines.length)).toEqual([2_000, 2_000, 501]);
  expect(partsOf("A", "a.py", [{ which: "new", line: 1, text: "y".repeat(300_000) }])).toHaveLength(1);
  expect(await found(pattern("x"), new Map([["a.py", long]]))).toHaveLength(5_000);
});

test("a pattern that takes too long is told with its file, and nothing half is shown", async () => {
  const all = (error: Error, part = files) =>
    findAll(
      { find: () => Promise.reject(error) },
      pattern("(a+)+$", { regex: true }),
      [{ pane: "A", files: part, whole: null }],
      NEVER,
      () => undefined,
    );
  expect(await all(new TooSlow(1))).toEqual({
    perPane: [[]],
    problem: "This pattern takes too long on b.py. Make it simpler, or search for plain text.",
  });
  expect((await all(new NotRun())).problem).toContain("can’t run this search");
  await expect(all(new DOMException("", "AbortError"))).rejects.toThrow();
});

test("a file of which more was removed than a call has room for is searched", () => {
  const count = 130_000;
  const head = "diff --git a/x b/x\nindex 1111111..2222222 100644\n--- a/x\n+++ b/x\n";
  const [file] = parsePatch(`${head}@@ -1,${count} +1 @@\n${"-x\n".repeat(count)}+y\n`, "removed");
  const lines = file ? linesOf(file, "y\n") : [];
  expect(lines).toHaveLength(count + 2);
  expect(lines.at(-2)).toEqual({ which: "new", line: 1, text: "y" });
});
