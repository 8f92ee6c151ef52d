import type { Tree, TreeName } from "./repository.ts";

/** Results of exact sizes for the benchmark, the same each time: /comparisons/bench-17600, -69500, -33000. */

interface Size {
  files: number;
  /** Changed lines on both sides of the diff together. */
  lines: number;
  /** Length of each file, in lines. */
  length: number;
}

const SIZES: Record<string, Size> = {
  "bench-17600": { files: 231, lines: 17_600, length: 400 },
  "bench-69500": { files: 529, lines: 69_500, length: 600 },
  "bench-33000": { files: 1, lines: 20_000, length: 33_000 },
};

const WORDS = "request session token batch store result config layer event cursor handler queue worker index".split(
  " ",
);

/** A line of Python-like code; the same for the same number. */
function line(n: number, changed: boolean): string {
  const word = (k: number) => WORDS[(n * 7 + k * 3 + (n % 13)) % WORDS.length];
  const indent = "    ".repeat(n % 4);
  if (n % 11 === 0) return `${indent}def ${word(1)}_${n}(self, ${word(2)}, *, ${word(3)}=None):\n`;
  if (n % 5 === 0) return `${indent}# ${changed ? "now" : "first"} ${word(1)} then ${word(2)} of ${word(3)}\n`;
  return `${indent}${word(1)}_${n % 97} = self.${word(2)}(${word(3)}, ${changed ? "limit" : "size"}=${n}, name="${word(4)}")\n`;
}

function trees({ files, lines, length }: Size): Record<TreeName, Tree> {
  const base: Tree = {};
  const a: Tree = {};
  const b: Tree = {};
  for (let file = 0; file < files; file++) {
    const path = `src/package_${file % 23}/module_${String(file).padStart(3, "0")}.py`;
    // A replaced line counts twice: once as removed, once as added. What is left over is added.
    const own = Math.floor(lines / files) + (file < lines % files ? 1 : 0);
    const replaced = Math.floor(own / 2);
    const every = Math.max(2, Math.floor(length / (replaced / 4)));
    const old: string[] = [];
    const now: string[] = [];
    let done = 0;
    for (let n = 0; n < length; n++) {
      const text = line(file * 1000 + n, false);
      old.push(text);
      // Blocks of four changed lines with unchanged ones between, as people's changes have.
      const change = done < replaced && (n % every < 4 || length - n <= replaced - done);
      now.push(change ? line(file * 1000 + n, true).replace("\n", `  # ${n}\n`) : text);
      if (change) done += 1;
    }
    if (own % 2 === 1) now.push(line(file * 1000 + length, true));
    base[path] = old.join("");
    a[path] = now.join("");
    b[path] = file % 2 === 0 ? now.join("") : old.join("");
  }
  return { base, A: a, B: b };
}

export const BENCHMARKS: Record<string, () => Record<TreeName, Tree>> = Object.fromEntries(
  Object.entries(SIZES).map(([id, size]) => {
    let made: Record<TreeName, Tree> | null = null;
    return [
      id,
      () => {
        made ??= trees(size);
        return made;
      },
    ];
  }),
);
