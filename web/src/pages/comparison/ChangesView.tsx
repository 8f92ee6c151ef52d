import { useMemo, useRef } from "react";
import type { Comparison, Side, Turn } from "../../api/types";
import { alignFiles, type DiffPaneHandle, HighlightPool, type ParsedFile } from "../../components/diff";
import { ChangesPane } from "./ChangesPane";
import { ChangesToolbar } from "./ChangesToolbar";
import classes from "./ChangesView.module.css";
import { useChangesSettings } from "./changes-settings";
import { FileList } from "./FileList";
import { IgnoredPaths, LeftOut } from "./LeftOut";
import panes from "./Panes.module.css";
import { type PatchState, usePatch } from "./use-patch";

/** The changes of a turn: A beside B, one of them, or the way from A to B. */
export function ChangesView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const settings = useChangesSettings();
  const { mode, ignoreWhitespace } = settings;
  const from = turn.number === 1 ? ("base" as const) : settings.from;
  const of = { comparison: comparison.id, turn: turn.number, ignoreWhitespace };
  const both = Boolean(turn.sides.A.commit && turn.sides.B.commit);
  const patches: Record<Side, PatchState> = {
    A: usePatch({ ...of, from, to: "A" }, Boolean(turn.sides.A.commit)),
    B: usePatch({ ...of, from, to: "B" }, Boolean(turn.sides.B.commit)),
  };
  const between = usePatch({ ...of, from: "A", to: "B" }, mode === "between" && both);

  const handles = { A: useRef<DiffPaneHandle>(null), B: useRef<DiffPaneHandle>(null) };
  const [filesA, filesB, filesBetween] = [ready(patches.A), ready(patches.B), ready(between)];
  const list = useMemo(() => {
    if (mode === "between") return alignFiles(filesBetween, []);
    return alignFiles(mode === "B" ? [] : filesA, mode === "A" ? [] : filesB);
  }, [mode, filesA, filesB, filesBetween]);
  const paths = useMemo(() => (mode === "pair" ? list.map((file) => file.path) : null), [mode, list]);

  const pick = (path: string) => {
    handles.A.current?.showFile(path);
    handles.B.current?.showFile(path);
  };
  const sides: Side[] = mode === "pair" ? ["A", "B"] : mode === "B" ? ["B"] : ["A"];
  return (
    <div className={classes.view}>
      <ChangesToolbar settings={settings} laterTurn={turn.number > 1} files={list.length}>
        <IgnoredPaths turn={turn} />
      </ChangesToolbar>
      <LeftOut turn={turn} />
      <HighlightPool>
        <div className={classes.main} data-list={settings.list || undefined}>
          {settings.list && <FileList files={list} pair={mode === "pair"} onPick={pick} />}
          <div className={panes.panes}>
            {mode === "between" ? (
              <ChangesPane
                key="between"
                of={{ comparison: comparison.id, turn: turn.number, from: "A", to: "B" }}
                patch={both ? between : null}
                paths={null}
                settings={settings}
                label="From A to B"
                ref={handles.A}
              />
            ) : (
              sides.map((side) => (
                <ChangesPane
                  key={side}
                  side={side}
                  of={{ comparison: comparison.id, turn: turn.number, from, to: side }}
                  patch={turn.sides[side].commit ? patches[side] : null}
                  paths={paths}
                  settings={settings}
                  label={`Changes of ${side}`}
                  ref={handles[side]}
                  onPlace={
                    mode === "pair" && settings.together
                      ? (path, offset) => handles[side === "A" ? "B" : "A"].current?.follow(path, offset)
                      : undefined
                  }
                />
              ))
            )}
          </div>
        </div>
      </HighlightPool>
    </div>
  );
}

const NO_FILES: ParsedFile[] = [];

function ready(patch: PatchState): ParsedFile[] {
  return patch.kind === "ready" ? patch.files : NO_FILES;
}
