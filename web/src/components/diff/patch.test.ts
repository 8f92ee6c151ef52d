import { describe, expect, test, vi } from "vitest";
import { goOn, holdBack } from "../../opening";
import { alignFiles, splitPath } from "./align";
import { ItemList } from "./items";
import { FIRST_FILES, parseInSlices, parsePatch } from "./patch";
import { topItem } from "./place";
import { PatchSplitter, splitPatch } from "./split";

const PATCH = `diff --git a/bin.dat b/bin.dat
index a761525..6fda2b9 100644
Binary files a/bin.dat and b/bin.dat differ
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git "a/\\303\\274n.txt" "b/\\303\\274n.txt"
index 7898192..08ae698 100644
--- "a/\\303\\274n.txt"
+++ "b/\\303\\274n.txt"
@@ -1,2 +1,3 @@
 a
-diff --git a/x b/x
+Binary files a/x and b/x differ
+y
diff --git a/old.py b/new name.py
similarity index 100%
rename from old.py
rename to new name.py
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
`;

describe("a patch", () => {
  test("is read file by file, quoted names and all", () => {
    const files = parsePatch(PATCH, "t");
    expect(files.map((file) => [file.path, file.additions, file.deletions, file.note])).toEqual([
      ["bin.dat", 0, 0, "binary"],
      ["run.sh", 0, 0, "made executable (100644 → 100755)"],
      ["ün.txt", 2, 1, null],
      ["new name.py", 0, 0, null],
      ["empty", 0, 0, "empty file"],
    ]);
    expect(files[3]?.diff?.prevName).toBe("old.py");
    expect(files.map((file) => [file.status, file.oldPath, file.similarity])).toEqual([
      ["M", null, null],
      ["M", null, null],
      ["M", null, null],
      ["R", "old.py", 100],
      ["A", null, null],
    ]);
  });

  test("is read the same in slices", async () => {
    expect(await parseInSlices([PATCH], "t")).toEqual({
      parts: splitPatch(PATCH),
      files: parsePatch(PATCH, "t"),
      complete: true,
    });
    const stopped = AbortSignal.abort();
    const long = Array.from({ length: 20_000 }, () => PATCH).join("");
    await expect(parseInSlices([long], "t", stopped)).rejects.toThrow();
  });

  test("tells of its first files while a page is being opened, and is read on behind the first lines", async () => {
    const text = Array.from(
      { length: 60 },
      (_, index) => `diff --git a/${index} b/${index}\nold mode 100644\nnew mode 100755\n`,
    );
    holdBack();
    const told: number[] = [];
    const read = parseInSlices([text.join("")], "t", undefined, ({ files }) => told.push(files.length));
    await vi.waitFor(() => expect(told).toEqual([FIRST_FILES]), 10_000);
    expect(await Promise.race([read, new Promise((done) => setTimeout(() => done("still reading"), 20))])).toBe(
      "still reading",
    );
    goOn();
    expect((await read).files).toEqual(parsePatch(text.join(""), "t"));
    expect(told).toHaveLength(1);
  });

  test("a screen of long files is told of before two dozen have been read", async () => {
    const lines = Array.from({ length: 500 }, (_, line) => `+line ${line}\n`).join("");
    const long = (name: number) =>
      `diff --git a/${name} b/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1,500 @@\n${lines}`;
    const told: [number, boolean][] = [];
    let sent = 0;
    async function* coming() {
      for (sent = 0; sent < 8; sent++) yield long(sent);
    }
    const read = await parseInSlices(coming(), "t", undefined, ({ files, complete }) => {
      told.push([files.length, complete]);
      expect(sent).toBe(3); // the rest has not come
    });
    expect(told).toEqual([[2, false]]);
    expect(read.files.map((file) => file.additions)).toEqual(Array(8).fill(500));
  });

  test("content that looks like a header does not split it", () => {
    expect(splitPatch(PATCH)).toHaveLength(5);
  });

  test("is cut the same wherever its pieces end", () => {
    for (const text of [PATCH, `something before\n${PATCH}`, "", "diff", "no patch at all\n"])
      for (let size = 1; size <= text.length + 1; size++) {
        const splitter = new PatchSplitter();
        const parts: string[] = [];
        for (let at = 0; at < text.length; at += size) parts.push(...splitter.push(text.slice(at, at + size)));
        expect([...parts, ...splitter.end()]).toEqual(splitPatch(text));
      }
    expect(splitPatch(PATCH).join("")).toBe(PATCH);
    expect(splitPatch("no patch at all\n")).toEqual([]);
  });

  test("an empty one has no files; a file that can't be parsed is kept as text and hides no other", () => {
    expect(parsePatch("\n", "t")).toEqual([]);
    const broken = PATCH.replace("@@ -1,2 +1,3 @@", "@@ -1,9 +1,9 @@");
    const files = parsePatch(broken, "t");
    expect(files.map((file) => file.path)).toEqual(parsePatch(PATCH, "t").map((file) => file.path));
    expect(files[2]?.diff).toBeNull();
    expect(files[2]?.raw).toContain("+Binary files a/x");
    expect(files[2]?.warnings[0]).toContain("can’t be read");
  });
});

describe("two panes", () => {
  const a = [{ path: "b.py" }, { path: "a.py" }];
  const b = [{ path: "c.py" }, { path: "a.py" }];

  test("list the same paths in the same order", () => {
    const files = alignFiles(a, b);
    expect(files.map((file) => [file.path, file.A !== null, file.B !== null])).toEqual([
      ["a.py", true, true],
      ["b.py", true, false],
      ["c.py", false, true],
    ]);
  });

  test("a path that only the other one changed is a folded placeholder", () => {
    const list = new ItemList();
    const files = parsePatch(PATCH, "t");
    const open = { folded: false, notes: [] };
    const items = list.next(files, ["bin.dat", "only-there.py"], () => open);
    expect(items.map((item) => [item.id, item.type]).slice(0, 2)).toEqual([
      ["bin.dat", "file"],
      ["only-there.py", "file"],
    ]);
    expect(items).toHaveLength(6);
    const again = list.next(files, null, (path) => (path === "run.sh" ? { folded: true, notes: [] } : open));
    expect(again[0]).toBe(items[0]);
    expect(again[1]).toMatchObject({ id: "run.sh", collapsed: true, version: 2 });
  });

  test("the item at the top is found, and how far into it the pane stands", () => {
    const tops: Record<string, number> = { a: 0, b: 100, c: 250 };
    const at = (scroll: number) => topItem(["a", "b", "c"], scroll, (id) => tops[id]);
    expect(at(0)).toEqual({ id: "a", offset: 0 });
    expect(at(120)).toEqual({ id: "b", offset: 20 });
    expect(at(9999)).toEqual({ id: "c", offset: 9749 });
    expect(topItem([], 10, () => 0)).toBeNull();
  });

  test("folders are told from names", () => {
    expect(splitPath("src/pkg/a.py")).toEqual(["src/pkg/", "a.py"]);
    expect(splitPath("a.py")).toEqual(["", "a.py"]);
  });
});
