import { useMemo } from "react";
import type { Comparison, Turn } from "../../api/types";
import { HighlightPool } from "../../components/diff";
import { ChangesPane } from "./ChangesPane";
import { ChangesToolbar } from "./ChangesToolbar";
import classes from "./ChangesView.module.css";
import { useChangesSettings } from "./changes-settings";
import { FileList } from "./FileList";
import { IgnoredPaths, LeftOut } from "./LeftOut";
import type { Pane } from "./line-hooks";
import { useLineHooks } from "./line-hooks";
import panes from "./Panes.module.css";
import { useChanges } from "./use-changes";
import { useChangesKeys } from "./use-changes-keys";
import { useChangesTarget } from "./use-changes-target";
import { useFolds } from "./use-folds";
import { useReader } from "./use-reader";
import { useViewed } from "./use-viewed";

const LABELS: Record<Pane, string> = { A: "Changes of A", B: "Changes of B", between: "From A to B" };

/** The changes of a turn: A beside B, one of them, or the way from A to B. */
export function ChangesView({ comparison, turn }: { comparison: Comparison; turn: Turn }) {
  const settings = useChangesSettings();
  const changes = useChanges(comparison, turn, settings);
  const hooks = useLineHooks();
  const folds = useFolds();
  const viewed = useViewed(comparison.id, turn.number);
  const reader = useReader({ changes, hooks, folds, viewed });
  useChangesTarget(changes, reader, settings);
  useChangesKeys({ reader, settings });
  const of = useMemo(() => ({ comparison: comparison.id, turn: turn.number }), [comparison.id, turn.number]);
  return (
    <div className={classes.view}>
      <ChangesToolbar settings={settings} laterTurn={turn.number > 1} files={changes.list.length}>
        <IgnoredPaths turn={turn} />
      </ChangesToolbar>
      <LeftOut turn={turn} />
      <HighlightPool>
        <div className={classes.main} data-list={settings.list || undefined}>
          {settings.list && <FileList files={changes.list} pair={settings.mode === "pair"} onPick={reader.showFile} />}
          <div className={panes.panes}>
            {changes.panes.map((pane) => (
              <ChangesPane
                key={pane}
                pane={pane}
                of={{ ...of, ...changes.pointsOf(pane) }}
                patch={changes.patchOf(pane)}
                paths={changes.paths}
                settings={settings}
                label={LABELS[pane]}
                folds={folds}
                viewed={viewed}
                hooks={hooks}
                active={changes.panes.length > 1 && reader.active === pane}
                selected={reader.selected?.pane === pane ? reader.selected.range : null}
                current={reader.current}
                find={null}
                onSelect={reader.select}
                onAct={reader.actOn}
                onActive={reader.activate}
                ref={reader.handles[pane]}
                onPlace={settings.mode === "pair" && settings.together ? reader.follow(pane) : undefined}
              />
            ))}
          </div>
        </div>
      </HighlightPool>
    </div>
  );
}
