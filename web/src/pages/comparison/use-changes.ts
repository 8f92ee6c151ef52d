import { useMemo } from "react";
import type { Comparison, Side, Turn } from "../../api/types";
import { type AlignedFile, alignFiles, type ParsedFile } from "../../components/diff";
import type { ChangesMode } from "./changes-settings";
import type { Pane } from "./line-hooks";
import { type PatchState, usePatch } from "./use-patch";

export interface Changes {
  /** The panes that are shown, from left to right. */
  panes: Pane[];
  patchOf: (pane: Pane) => PatchState | null;
  filesOf: (pane: Pane) => ParsedFile[];
  /** Whether every file of the shown panes is known; else the first ones are. */
  complete: boolean;
  /** Every path that a shown pane has, once. */
  list: AlignedFile<ParsedFile>[];
  /** The same list for both panes; null when each pane shows its own. */
  paths: string[] | null;
  pointsOf: (pane: Pane) => { from: "base" | "start" | Side; to: Side };
}

const NO_FILES: ParsedFile[] = [];

/** The patches of a turn, as the panes of a mode show them. */
export function useChanges(
  comparison: Comparison,
  turn: Turn,
  settings: { mode: ChangesMode; from: "base" | "start"; ignoreWhitespace: boolean },
): Changes {
  const { mode, ignoreWhitespace } = settings;
  const from = turn.number === 1 ? ("base" as const) : settings.from;
  const of = { comparison: comparison.id, turn: turn.number, ignoreWhitespace };
  const hasA = Boolean(turn.sides.A.commit);
  const hasB = Boolean(turn.sides.B.commit);
  const a = usePatch({ ...of, from, to: "A" }, hasA);
  const b = usePatch({ ...of, from, to: "B" }, hasB);
  const between = usePatch({ ...of, from: "A", to: "B" }, mode === "between" && hasA && hasB);
  const [filesA, filesB, filesBetween] = [ready(a), ready(b), ready(between)];
  const list = useMemo(() => {
    if (mode === "between") return alignFiles(filesBetween, NO_FILES);
    const aligned = alignFiles(mode === "B" ? NO_FILES : filesA, mode === "A" ? NO_FILES : filesB);
    // Of what stands behind the first files of a side nothing is known yet: it is not "unchanged" there.
    const ends = mode === "pair" ? [endOf(a), endOf(b)] : [];
    return aligned.filter(({ path }) => ends.every((end) => end === null || path <= end));
  }, [mode, filesA, filesB, filesBetween, a, b]);
  const paths = useMemo(() => (mode === "pair" ? list.map((file) => file.path) : null), [mode, list]);
  return useMemo(() => {
    const panes: Pane[] = mode === "pair" ? ["A", "B"] : [mode];
    const patches = { A: hasA ? a : null, B: hasB ? b : null, between: hasA && hasB ? between : null };
    return {
      panes,
      complete: panes.every((pane) => {
        const patch = patches[pane];
        return patch?.kind !== "loading" && !(patch?.kind === "ready" && !patch.complete);
      }),
      patchOf: (pane) => patches[pane],
      filesOf: (pane) => (patches[pane] ? ready(patches[pane]) : NO_FILES),
      list,
      paths,
      pointsOf: (pane) => (pane === "between" ? { from: "A", to: "B" } : { from, to: pane }),
    };
  }, [mode, from, hasA, hasB, a, b, between, list, paths]);
}

function ready(patch: PatchState): ParsedFile[] {
  return patch.kind === "ready" ? patch.files : NO_FILES;
}

/** The last file that is known of a patch that is still being read; null: all are known, or none. */
function endOf(patch: PatchState): string | null {
  return patch.kind === "ready" && !patch.complete ? (patch.files.at(-1)?.path ?? null) : null;
}
