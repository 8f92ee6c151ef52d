import { describe, expect, test } from "vitest";
import { matches, pathFilter } from "./filter";
import { foldersOf, rowAfterKey, rowNamed, treeRows } from "./tree";

const FILES = ["src/a/b/x.py", "src/a/b/y.py", "README.md", "src/z.py", "docs/one/two.md"].map((path) => ({ path }));

describe("a tree of paths", () => {
  test("folders come first, and a chain of lone folders is one row", () => {
    const rows = treeRows(FILES, () => true);
    expect(rows.map((row) => `${"  ".repeat(row.level - 1)}${row.name}`)).toEqual([
      "docs/one/",
      "  two.md",
      "src/",
      "  a/b/",
      "    x.py",
      "    y.py",
      "  z.py",
      "README.md",
    ]);
    expect(rows[2]).toMatchObject({ position: 2, siblings: 3, files: 3 });
  });

  test("the files of a patch stand in its order, folders among files", () => {
    const paths = ["a-b.py", "a.py", "a/z.py", "a0.py", "b/c/d.py"].map((path) => ({ path }));
    const rows = treeRows([...paths].reverse(), () => true, "paths");
    expect(rows.map((row) => row.name)).toEqual(["a-b.py", "a.py", "a/", "z.py", "a0.py", "b/c/", "d.py"]);
    expect(rows[4]).toMatchObject({ position: 4, siblings: 5, level: 1 });
  });

  test("what lies in a closed folder is not there", () => {
    expect(treeRows(FILES, (folder) => folder !== "src/").map((row) => row.name)).toEqual([
      ...["docs/one/", "two.md", "src/", "README.md"],
    ]);
    expect(foldersOf("src/a/b/x.py")).toEqual(["src/", "src/a/", "src/a/b/"]);
  });

  test("a name that git had to quote is one name", () => {
    expect(treeRows([{ path: '"a/\\303"' }], () => true)).toMatchObject([{ name: '"a/\\303"', level: 1 }]);
  });

  test("keys and type-ahead go from row to row", () => {
    const rows = treeRows(FILES, () => true);
    expect(rowAfterKey(rows, 0, "ArrowDown")).toBe(1);
    expect(rowAfterKey(rows, 5, "ArrowLeft")).toBe(3);
    expect(rowAfterKey(rows, 3, "End")).toBe(7);
    expect(rowAfterKey(rows, 3, "x")).toBeNull();
    expect(rowNamed(rows, 0, "s")).toBe(2);
    expect(rowNamed(rows, 2, "rea")).toBe(7);
    expect(rowNamed(rows, 2, "nothing")).toBeNull();
  });
});

describe("a filter of paths", () => {
  const kept = (text: string) => FILES.map((file) => file.path).filter(pathFilter(text));

  test("takes parts of the path, globs, and what must not be there", () => {
    expect(kept("")).toHaveLength(5);
    expect(kept("SRC y.p")).toEqual(["src/a/b/y.py"]);
    expect(kept("*.md")).toEqual(["README.md", "docs/one/two.md"]);
    expect(kept("src/*.py")).toHaveLength(3);
    expect(kept("*.{md,txt} !docs")).toEqual(["README.md"]);
    expect(kept("?.py")).toEqual(["src/a/b/x.py", "src/a/b/y.py", "src/z.py"]);
    expect(kept("(((")).toEqual([]);
  });

  test("no pattern is slow", () => {
    expect(matches("a".repeat(5000), `${"*a".repeat(500)}*b`)).toBe(false);
    expect(matches("abc", "a*c")).toBe(true);
    expect(matches("abc", "a*d")).toBe(false);
  });
});
