import { useMemo, useState } from "react";
import type { ParsedFile } from "../../components/diff";
import { foldReason } from "../../components/diff/folding";
import type { Pane } from "./line-hooks";

export interface FoldState {
  isFolded: (pane: Pane, file: ParsedFile, viewed: boolean) => boolean;
  set: (pane: Pane, path: string, folded: boolean) => void;
  /** Back to what the files themselves suggest. */
  forget: (pane: Pane, path: string) => void;
}

/** What a person folded or opened wins; else a file is folded when it was viewed, or when nobody would read it. */
export function useFolds(): FoldState {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  return useMemo(() => {
    const key = (pane: Pane, path: string) => `${pane}:${path}`;
    return {
      isFolded: (pane, file, viewed) => chosen.get(key(pane, file.path)) ?? (viewed || foldReason(file) !== null),
      set: (pane, path, folded) => setChosen((old) => new Map(old).set(key(pane, path), folded)),
      forget: (pane, path) =>
        setChosen((old) => {
          const next = new Map(old);
          next.delete(key(pane, path));
          return next;
        }),
    };
  }, [chosen]);
}
