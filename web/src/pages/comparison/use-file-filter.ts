import { useCallback, useMemo, useState } from "react";
import type { AlignedFile, ParsedFile } from "../../components/diff";
import { ALL_FILES, type FileFilter, filterFiles, isFiltering } from "./file-filter";
import type { Pane } from "./line-hooks";
import type { Changes } from "./use-changes";
import type { Viewed } from "./use-viewed";

export interface FilteredChanges {
  filter: FileFilter;
  setFilter: (filter: FileFilter) => void;
  /** The changes without the files that are filtered away. */
  changes: Changes;
  isViewed: (file: AlignedFile<ParsedFile>) => boolean;
  viewedCount: number;
}

/** What the filter of the file list leaves, for the list and for the panes alike. */
export function useFileFilter(all: Changes, viewed: Viewed): FilteredChanges {
  const [filter, setFilter] = useState(ALL_FILES);
  const between = all.panes[0] === "between";
  const isViewed = useCallback(
    (file: AlignedFile<ParsedFile>) => {
      if (between) return file.A !== null && viewed.has("between", file.A);
      return (["A", "B"] as const).every((side) => {
        const own = file[side];
        return own === null || viewed.has(side, own);
      });
    },
    [between, viewed],
  );
  // Only who asked for it waits for the marks: else each mark would make all lists anew.
  const readFile = filter.unread ? isViewed : null;
  const changes = useMemo((): Changes => {
    if (!isFiltering(filter)) return all;
    const list = filterFiles(all.list, filter, readFile ?? (() => false));
    const kept = new Set(list.map((file) => file.path));
    const keep = (pane: Pane) => all.filesOf(pane).filter((file) => kept.has(file.path));
    const files: Record<Pane, ParsedFile[]> = { A: keep("A"), B: keep("B"), between: keep("between") };
    return { ...all, list, paths: all.paths ? list.map((file) => file.path) : null, filesOf: (pane) => files[pane] };
  }, [all, filter, readFile]);
  const viewedCount = useMemo(() => all.list.filter(isViewed).length, [all.list, isViewed]);
  return {
    filter,
    setFilter,
    changes,
    isViewed,
    viewedCount,
  };
}
