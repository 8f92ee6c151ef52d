import { describe, expect, test } from "vitest";
import { parsePatch, rowsOf } from "../../components/diff";
import { extended, nextChange, nextLine, type WalkFile } from "./walking";

const PATCH = `diff --git a/a.py b/a.py
index 1111111..2222222 100644
--- a/a.py
+++ b/a.py
@@ -1,4 +1,5 @@
 one
-two
+TWO
+and a half
 three
 four
@@ -20,2 +21,1 @@
 twenty
-gone
diff --git a/b.py b/b.py
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/b.py
@@ -0,0 +1,2 @@
+first
+second
`;
const files: WalkFile[] = parsePatch(PATCH, "t").map((file) => ({
  path: file.path,
  rows: () => (file.diff ? rowsOf(file.diff) : []),
}));

describe("walking through the changes", () => {
  test("goes from block to block and from file to file, there and back", () => {
    const seen = [];
    for (let at = nextChange(files, null, 1); at; at = nextChange(files, at, 1)) seen.push(at);
    expect(seen).toEqual([
      { path: "a.py", which: "new", from: 2, to: 3 },
      { path: "a.py", which: "old", from: 21, to: 21 },
      { path: "b.py", which: "new", from: 1, to: 2 },
    ]);
    const back = [];
    for (let at = nextChange(files, null, -1); at; at = nextChange(files, at, -1)) back.push(at);
    expect(back).toEqual(seen.toReversed());
  });

  test("goes from line to line: a removed one by its old number, any other by its new one", () => {
    const seen = [];
    for (let at = nextLine(files, null, 1); at; at = nextLine(files, at, 1))
      seen.push(`${at.path} ${at.which} ${at.from}`);
    expect(seen).toEqual([
      ...["a.py new 1", "a.py old 2", "a.py new 2", "a.py new 3", "a.py new 4", "a.py new 5"],
      ...["a.py new 21", "a.py old 21", "b.py new 1", "b.py new 2"],
    ]);
  });

  test("a selection grows within its file and side", () => {
    const [a] = files as [WalkFile];
    const one = { path: "a.py", which: "new" as const, from: 2, to: 2 };
    expect(extended(a, one, 1)).toEqual({ ...one, to: 3 });
    expect(extended(a, one, -1)).toEqual({ ...one, from: 1 });
    expect(extended(a, { ...one, from: 1 }, -1)).toEqual({ ...one, from: 1 });
    expect(extended(a, { ...one, which: "old" }, 1)).toEqual({ path: "a.py", which: "old", from: 2, to: 3 });
  });
});
