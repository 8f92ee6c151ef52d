import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BENCHMARKS } from "./generated.ts";
import { ODD, ODD_EXECUTABLE } from "./odd.ts";
import { TREES } from "./trees.ts";

/** Made-up trees, and real `git diff` between them. */

export type TreeName = "base" | "A" | "B";
export type Tree = Record<string, string | Buffer>;

export class Repository {
  #folder: string | null = null;
  readonly #diffs = new Map<string, Buffer>();
  readonly #trees: () => Record<TreeName, Tree>;
  readonly #executable: Partial<Record<TreeName, string[]>>;

  constructor(trees: () => Record<TreeName, Tree>, executable: Partial<Record<TreeName, string[]>> = {}) {
    this.#trees = trees;
    this.#executable = executable;
  }

  tree(name: TreeName): Tree {
    return this.#trees()[name];
  }

  diff(from: TreeName, to: TreeName, ignoreWhitespace: boolean): Buffer {
    const key = `${from} ${to} ${ignoreWhitespace}`;
    const known = this.#diffs.get(key);
    if (known) return known;
    if (this.#folder === null) this.#prepare();
    const options = ["--no-color", "--full-index", "-M", ...(ignoreWhitespace ? ["-w"] : [])];
    const made = this.#git(["-c", "core.quotePath=false", "diff", ...options, `tree-${from}`, `tree-${to}`]);
    this.#diffs.set(key, made);
    return made;
  }

  #git(args: string[]): Buffer {
    const identity = ["-c", "user.name=Marlin", "-c", "user.email=marlin@example.org", "-c", "core.autocrlf=false"];
    return execFileSync("git", [...identity, ...args], { cwd: this.#folder ?? undefined, maxBuffer: 1 << 28 });
  }

  /** A repository with one tag per tree, made at the first use and removed with the process. */
  #prepare(): void {
    const folder = mkdtempSync(join(tmpdir(), "marlin-mock-"));
    this.#folder = folder;
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    this.#git(["init", "--quiet"]);
    for (const [name, tree] of Object.entries(this.#trees())) {
      this.#git(["rm", "-r", "--quiet", "--ignore-unmatch", "."]);
      for (const [path, content] of Object.entries(tree)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
        if (this.#executable[name as TreeName]?.includes(path)) chmodSync(join(folder, path), 0o755);
      }
      this.#git(["add", "--all"]);
      this.#git(["commit", "--quiet", "--allow-empty", "--message", name]);
      this.#git(["tag", `tree-${name}`]);
    }
  }
}

const USUAL = new Repository(() => TREES);
const BY_COMPARISON = new Map<string, Repository>([
  ["odd", new Repository(() => ODD, ODD_EXECUTABLE)],
  ...Object.entries(BENCHMARKS).map(([id, trees]): [string, Repository] => [id, new Repository(trees)]),
]);

export function repositoryOf(comparison: string): Repository {
  return BY_COMPARISON.get(comparison) ?? USUAL;
}
