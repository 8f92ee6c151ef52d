import { type AlignedFile, type ParsedFile, visibleName } from "../../components/diff";
import { isTest, madeByMachine } from "../../components/diff/folding";
import { pathFilter } from "../../components/tree/filter";

/** Which of the changed files are to be seen. Pure. */
export interface FileFilter {
  text: string;
  sides: "all" | "A" | "B" | "both" | "differ";
  /** Files that were not read yet. */
  unread: boolean;
  tests: boolean;
  machine: boolean;
}

export const ALL_FILES: FileFilter = { text: "", sides: "all", unread: false, tests: true, machine: true };

export const SIDES_LABELS: Record<FileFilter["sides"], string> = {
  all: "All files",
  A: "Changed by A alone",
  B: "Changed by B alone",
  both: "Changed by both",
  differ: "Different in A and B",
};

export function isFiltering(filter: FileFilter): boolean {
  return filter.text.trim() !== "" || filter.sides !== "all" || filter.unread || !filter.tests || !filter.machine;
}

export function filterFiles(
  files: readonly AlignedFile<ParsedFile>[],
  filter: FileFilter,
  isViewed: (file: AlignedFile<ParsedFile>) => boolean,
): AlignedFile<ParsedFile>[] {
  const fits = pathFilter(filter.text);
  return files.filter((file) => {
    const some = file.A ?? file.B;
    if (!some) return false;
    if (!fits(visibleName(file.path)) && !(some.oldPath && fits(visibleName(some.oldPath)))) return false;
    if (!filter.tests && isTest(file.path)) return false;
    if (!filter.machine && madeByMachine(some)) return false;
    if (filter.unread && isViewed(file)) return false;
    return hasSides(file, filter.sides);
  });
}

function hasSides({ A, B }: AlignedFile<ParsedFile>, sides: FileFilter["sides"]): boolean {
  switch (sides) {
    case "all":
      return true;
    case "A":
      return A !== null && B === null;
    case "B":
      return B !== null && A === null;
    case "both":
      return A !== null && B !== null;
    case "differ":
      return !A || !B || A.newId !== B.newId || A.status !== B.status || A.note !== B.note;
  }
}
