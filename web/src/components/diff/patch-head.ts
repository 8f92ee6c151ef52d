import type { FileStatus } from "./patch";
import { unquoteName } from "./quoting";

/** What the lines before the first hunk say. */
export interface PatchHead {
  path: string;
  oldPath: string | null;
  status: FileStatus;
  similarity: number | null;
  binary: boolean;
  content: string;
  oldId: string | null;
  newId: string | null;
  note: string | null;
}

const SUBMODULE = "160000";
const LINK = "120000";

/** Reads the head of one file's part of `git diff` text. */
export function readHead(text: string): PatchHead {
  const lines = text.split("\n");
  const value = (prefix: string): string | null =>
    lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? null;
  const index = /^index ([0-9a-f]+)\.\.([0-9a-f]+)(?: (\d+))?$/m.exec(text);
  const added = value("new file mode ");
  const deleted = value("deleted file mode ");
  const [oldMode, newMode] = [value("old mode "), value("new mode ")];
  const from = value("rename from ") ?? value("copy from ");
  const to = value("rename to ") ?? value("copy to ");
  const similarity = /^similarity index (\d+)%$/m.exec(text)?.[1];
  const binary = /^(?:Binary files .* differ|GIT binary patch)$/m.test(text);
  const path = to !== null ? unquoteName(to) : pathOf(lines);
  const mode = newMode ?? added ?? deleted ?? index?.[3] ?? null;
  return {
    path,
    oldPath: from === null ? null : unquoteName(from),
    status: added ? "A" : deleted ? "D" : from !== null ? (text.includes("\ncopy from ") ? "C" : "R") : "M",
    similarity: similarity === undefined ? null : Number(similarity),
    binary,
    content: `${index?.[1] ?? from ?? ""}..${index?.[2] ?? ""}:${oldMode ?? ""}:${mode ?? ""}`,
    oldId: idOf(index?.[1]),
    newId: idOf(index?.[2]),
    note: noteOn({
      binary,
      mode,
      oldMode,
      newMode,
      empty: index === null ? false : !text.includes("\n--- ") && !binary,
      added,
      deleted,
    }),
  };
}

function idOf(id: string | undefined): string | null {
  return id === undefined || /^0+$/.test(id) ? null : id;
}

/** The path of a file that was not renamed: from the +++ or --- line, else from the first, whose two halves are alike. */
function pathOf(lines: readonly string[]): string {
  for (const [prefix, mark] of [
    ["+++ ", "b/"],
    ["--- ", "a/"],
  ] as const) {
    const line = lines.find((entry) => entry.startsWith(prefix));
    if (line === undefined || line === `${prefix}/dev/null`) continue;
    // git ends a name that holds a space with a tab.
    const name = unquoteName(line.slice(prefix.length).replace(/\t$/, ""));
    return name.startsWith(mark) ? name.slice(2) : name;
  }
  const rest = (lines[0] ?? "").slice("diff --git ".length);
  if (rest.startsWith('"')) {
    const end = /^"(?:[^"\\]|\\.)*"/.exec(rest)?.[0] ?? rest;
    return unquoteName(end).replace(/^a\//, "");
  }
  return rest.slice("a/".length, (rest.length - 1) / 2);
}

interface Facts {
  binary: boolean;
  mode: string | null;
  oldMode: string | null;
  newMode: string | null;
  empty: boolean;
  added: string | null;
  deleted: string | null;
}

function noteOn({ binary, mode, oldMode, newMode, empty, added, deleted }: Facts): string | null {
  if (binary) return "binary";
  if (oldMode && newMode) return modeChange(oldMode, newMode);
  if (mode === LINK) return "symbolic link";
  if (mode === SUBMODULE) return "submodule";
  if (empty && (added || deleted)) return "empty file";
  if (added === "100755") return "executable";
  return null;
}

function modeChange(from: string, to: string): string {
  if (from === "100644" && to === "100755") return "made executable (100644 → 100755)";
  if (from === "100755" && to === "100644") return "no longer executable (100755 → 100644)";
  return `mode ${from} → ${to}`;
}
