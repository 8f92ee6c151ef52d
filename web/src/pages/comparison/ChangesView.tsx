import { type CSSProperties, useMemo, useRef, useState } from "react";
import type { Comparison, Side, Turn } from "../../api/types";
import { Heights, HighlightPool, leastLines, linesIn } from "../../components/diff";
import { Later } from "../../components/layout/Later";
import { ChangesPane } from "./ChangesPane";
import { ChangesToolbar, downloadsOf } from "./ChangesToolbar";
import classes from "./ChangesView.module.css";
import { useChangesSettings } from "./changes-settings";
import { FileList, type FileListHandle } from "./FileList";
import { FindBar } from "./FindBar";
import { ALL_FILES } from "./file-filter";
import { IgnoredPaths, LeftOut } from "./LeftOut";
import { type Pane, useLineHooks } from "./line-hooks";
import { MissingTarget } from "./MissingTarget";
import panes from "./Panes.module.css";
import { type Changes, useChanges } from "./use-changes";
import { useChangesKeys } from "./use-changes-keys";
import { useChangesTarget } from "./use-changes-target";
import { useFileFilter } from "./use-file-filter";
import { useFind } from "./use-find";
import { type FoldState, useFolds } from "./use-folds";
import { useOneFirst } from "./use-one-first";
import { useReader } from "./use-reader";
import { useViewed, type Viewed } from "./use-viewed";

const LABELS: Record<Pane, string> = { A: "Changes of A", B: "Changes of B", between: "From A to B" };

const OTHER = { A: "B", B: "A" } as const;

interface RoomParts {
  changes: Changes;
  folds: FoldState;
  viewed: Viewed;
  heights: Record<Side, Heights>;
  split: boolean;
}

/** Of each side: how many lines a file has there at least; 0: none, or it is folded. */
function useRoomFor({ changes, folds, viewed, heights, split }: RoomParts) {
  return useMemo(() => {
    const layout = split ? "split" : "unified";
    const of = (side: Side) => {
      const byPath = new Map(changes.filesOf(side).map((file) => [file.path, file]));
      return (path: string) => {
        const file = byPath.get(path);
        if (file === undefined || folds.isFolded(side, file, viewed.has(side, file))) return 0;
        // What was drawn, or reckoned with, is asked for when the list is made: it makes no new one by itself.
        const height = heights[side].of(path);
        return height > 0 ? linesIn(height) : leastLines(file, layout);
      };
    };
    return { A: of("A"), B: of("B") };
  }, [changes, folds, viewed, heights, split]);
}

/** The changes of a turn: A beside B, one of them, or the way from A to B. */
export function ChangesView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const settings = useChangesSettings();
  const of = useMemo(() => ({ comparison: comparison.id, turn: turn.number }), [comparison.id, turn.number]);
  const all = useChanges(comparison, turn, settings);
  const hooks = useLineHooks();
  const folds = useFolds();
  const viewed = useViewed(comparison.id, turn.number);
  const { changes, filter, setFilter, isViewed, viewedCount } = useFileFilter(all, viewed);
  const reader = useReader({ changes, hooks, folds, viewed, together: settings.together });
  const find = useFind(changes, reader, of);
  const list = useRef<FileListHandle>(null);
  const [heights] = useState(() => ({ A: new Heights(), B: new Heights() }));
  const roomFor = useRoomFor({ changes, folds, viewed, heights, split: settings.split });
  const inLine = settings.mode === "pair" && settings.together && !settings.plain;
  const missing = useChangesTarget(all, changes, reader, settings, () => setFilter(ALL_FILES));
  const waits = useOneFirst(changes, settings);
  const search = () => {
    if (find.open) document.querySelector<HTMLInputElement>(`.${classes.view} search input`)?.select();
    else find.setOpen(true);
  };
  useChangesKeys({
    reader,
    settings,
    onSearch: search,
    onFiles: () => {
      settings.setList(true);
      // The list is drawn first when it was hidden.
      requestAnimationFrame(() => requestAnimationFrame(() => list.current?.focusFilter()));
    },
  });
  return (
    <div className={classes.view} style={{ "--list-width": `${settings.listWidth}px` } as CSSProperties}>
      <Later turn="toolbar" waits={!settings.narrow} instead={<div className={classes.toolbar} />}>
        <ChangesToolbar
          settings={settings}
          laterTurn={turn.number > 1}
          files={all.complete ? all.list.length : 0}
          viewed={viewedCount}
          downloads={downloadsOf(
            of,
            changes.panes
              .filter((pane) => changes.patchOf(pane) !== null)
              .map((pane) => ({ pane, ...changes.pointsOf(pane) })),
          )}
          onSearch={search}
        >
          <IgnoredPaths turn={turn} />
        </ChangesToolbar>
      </Later>
      {find.open && (
        <FindBar
          find={find}
          onClose={() => {
            find.setOpen(false);
            reader.handles[reader.active].current?.focus();
          }}
        />
      )}
      <LeftOut turn={turn} />
      {missing && <MissingTarget of={of} target={missing} />}
      {viewed.failed && (
        <p className={classes.failed} role="alert">
          Not saved that a file was viewed: {viewed.failed.message}
        </p>
      )}
      <HighlightPool>
        <div className={classes.main} data-list={settings.list || undefined}>
          {settings.list && (
            <Later turn="list" instead={<div className={classes.list} />}>
              <FileList
                ref={list}
                files={changes.list}
                all={all.list.length}
                pair={settings.mode === "pair"}
                filter={filter}
                onFilter={setFilter}
                current={reader.current}
                isViewed={isViewed}
                onPick={reader.showFile}
                width={settings.listWidth}
                onWidth={settings.setListWidth}
              />
            </Later>
          )}
          <div className={panes.panes}>
            {changes.panes.map((pane) => (
              <ChangesPane
                key={pane}
                pane={pane}
                of={{ ...of, ...changes.pointsOf(pane) }}
                patch={changes.patchOf(pane)}
                waits={waits(pane)}
                files={changes.filesOf(pane)}
                paths={changes.paths}
                settings={settings}
                label={LABELS[pane]}
                folds={folds}
                viewed={viewed}
                hooks={hooks}
                active={changes.panes.length > 1 && reader.active === pane}
                selected={reader.selected?.pane === pane ? reader.selected.range : null}
                current={reader.current}
                find={find.findOf(pane)}
                onSelect={reader.select}
                onAct={reader.actOn}
                onActive={reader.activate}
                ref={reader.handles[pane]}
                onPlace={settings.mode === "pair" && settings.together ? reader.follow(pane) : undefined}
                heights={inLine && pane !== "between" ? heights[pane] : undefined}
                beside={inLine && pane !== "between" ? heights[OTHER[pane]] : undefined}
                roomFor={inLine && pane !== "between" ? roomFor[OTHER[pane]] : undefined}
              />
            ))}
          </div>
        </div>
      </HighlightPool>
    </div>
  );
}
