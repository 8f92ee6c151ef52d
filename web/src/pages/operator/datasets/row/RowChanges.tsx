import { Button, Menu, SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type Ref, useCallback, useImperativeHandle, useMemo, useRef, useState } from "react";
import { type Row, rowPatchUrl } from "../../../../api/dataset-rows";
import { settingKey } from "../../../../api/first-patches";
import type { Side } from "../../../../api/types";
import {
  alignFiles,
  DiffPane,
  type DiffPaneHandle,
  Heights,
  HighlightPool,
  type LineRange,
  leastLines,
  linesIn,
  type ParsedFile,
  PlainPatch,
  visibleName,
} from "../../../../components/diff";
import { foldReason } from "../../../../components/diff/folding";
import { Empty } from "../../../../components/feedback/Empty";
import { ErrorNotice } from "../../../../components/feedback/ErrorNotice";
import { Loading } from "../../../../components/feedback/Loading";
import type { Citation } from "../../../comparison/evidence/citation";
import { FileHead } from "../../../comparison/FileHead";
import { type FoldState, useFolds } from "../../../comparison/use-folds";
import { ViewMenu } from "../../../comparison/ViewMenu";
import classes from "./RowPage.module.css";
import { patchQuery } from "./row-patch";

export interface RowChangesHandle {
  /** Scrolls to the lines of a side that a citation names, or to its file where the change has no such line. */
  show: (citation: Citation & { kind: "file" }) => void;
}

export interface RowChangesProps {
  dataset: string;
  row: Row;
  narrow: boolean;
  /** The side that is shown where there is room for one alone. */
  side: Side;
  onSide: (side: Side) => void;
  ref?: Ref<RowChangesHandle>;
}

const NO_FILES: ParsedFile[] = [];
const OTHER = { A: "B", B: "A" } as const;

/** What both sides changed in this turn, A beside B, file by file in line; to read, and nothing else. */
export function RowChanges({ dataset, row, narrow, side, onSide, ref }: RowChangesProps) {
  const view = useView();
  const a = useQuery(patchQuery(dataset, row.id, "A"));
  const b = useQuery(patchQuery(dataset, row.id, "B"));
  const patches = { A: a, B: b };
  const shown: Side[] = narrow ? [side] : ["A", "B"];
  const list = useMemo(() => alignFiles(a.data?.files ?? NO_FILES, b.data?.files ?? NO_FILES), [a.data, b.data]);
  const paths = useMemo(() => list.map((file) => file.path), [list]);
  const folds = useFolds();
  const [heights] = useState(() => ({ A: new Heights(), B: new Heights() }));
  const roomFor = useMemo(() => {
    const of = (one: Side) => {
      const byPath = new Map((one === "A" ? a.data : b.data)?.files.map((file) => [file.path, file]));
      return (path: string) => {
        const file = byPath.get(path);
        if (file === undefined || folds.isFolded(one, file, false)) return 0;
        const height = heights[one].of(path);
        return height > 0 ? linesIn(height) : leastLines(file, view.split ? "split" : "unified");
      };
    };
    return { A: of("A"), B: of("B") };
  }, [a.data, b.data, folds, heights, view.split]);
  const handles = { A: useRef<DiffPaneHandle>(null), B: useRef<DiffPaneHandle>(null) };
  const showFile = (path: string) => {
    for (const one of shown) handles[one].current?.showFile(path);
  };
  const [selected, setSelected] = useState<{ side: Side; range: LineRange } | null>(null);
  useImperativeHandle(ref, () => ({
    show: (citation) => {
      const { path } = citation;
      folds.set(citation.side, path, false);
      const [from, to] = citation.lines ?? [];
      if (from === undefined || to === undefined) return showFile(path);
      const range = { path, which: citation.at === "result" ? ("new" as const) : ("old" as const), from, to };
      setSelected({ side: citation.side, range });
      void handles[citation.side].current?.showLines(range).then((found) => found || showFile(path));
    },
  }));
  return (
    <div className={classes.view}>
      <div className={classes.tools}>
        {narrow && <SideSwitch side={side} onSide={onSide} />}
        <FileMenu paths={paths} onPick={showFile} />
        <ViewMenu
          position="bottom-start"
          entries={[
            { label: "Split view", on: view.split, set: view.setSplit },
            { label: "Wrap long lines", on: view.wrap, set: view.setWrap },
            { label: "Plain patch", on: view.plain, set: view.setPlain },
          ]}
          downloads={(["A", "B"] as const).map((one) => ({
            label: `Download ${one} as a patch`,
            url: rowPatchUrl(dataset, row.id, one),
            name: `${row.id}-${one.toLowerCase()}.patch`,
          }))}
        />
      </div>
      <HighlightPool>
        <div className={classes.panes}>
          {shown.map((one) => (
            <div key={one} className={classes.pane} data-side={one}>
              <Pane
                {...{ side: one, row, folds, view, patch: patches[one], handle: handles[one] }}
                paths={narrow ? null : paths}
                selected={selected?.side === one ? selected.range : null}
                onSelect={(range) => setSelected(range && { side: one, range })}
                {...(narrow
                  ? {}
                  : { heights: heights[one], beside: heights[OTHER[one]], roomFor: roomFor[OTHER[one]] })}
                onPlace={(path, offset) => !narrow && handles[OTHER[one]].current?.follow(path, offset)}
              />
            </div>
          ))}
        </div>
      </HighlightPool>
    </div>
  );
}

interface View {
  split: boolean;
  setSplit: (on: boolean) => void;
  wrap: boolean;
  setWrap: (on: boolean) => void;
  plain: boolean;
  setPlain: (on: boolean) => void;
}

/** As the person has comparisons' changes shown: one way to read, wherever. */
function useView(): View {
  const stored = (name: string, start: boolean) =>
    ({ key: settingKey(name), defaultValue: start, getInitialValueInEffect: false }) as const;
  const [split, setSplit] = useLocalStorage(stored("split", false));
  const [wrap, setWrap] = useLocalStorage(stored("wrap", true));
  const [plain, setPlain] = useState(false);
  return { split, setSplit, wrap, setWrap, plain, setPlain };
}

export function SideSwitch({ side, onSide }: { side: Side; onSide: (side: Side) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Which side to show"
      data={["A", "B"]}
      value={side}
      onChange={(next) => onSide(next as Side)}
    />
  );
}

function FileMenu({ paths, onPick }: { paths: string[]; onPick: (path: string) => void }) {
  return (
    <Menu position="bottom-start" width={420} disabled={paths.length === 0}>
      <Menu.Target>
        <Button size="xs" variant="default" disabled={paths.length === 0}>
          Files ({paths.length})
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        {paths.slice(0, MOST_LISTED).map((path) => (
          <Menu.Item key={path} onClick={() => onPick(path)} style={{ overflowWrap: "anywhere" }}>
            {visibleName(path)}
          </Menu.Item>
        ))}
        {paths.length > MOST_LISTED && <Menu.Label>The first {MOST_LISTED} of them</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

const MOST_LISTED = 300;

interface PaneProps {
  side: Side;
  row: Row;
  patch: ReturnType<typeof useQuery<import("../../../../components/diff").ReadPatch>>;
  paths: string[] | null;
  folds: FoldState;
  view: View;
  handle: Ref<DiffPaneHandle>;
  selected: LineRange | null;
  onSelect: (range: LineRange | null) => void;
  heights?: Heights;
  beside?: Heights;
  roomFor?: (path: string) => number;
  onPlace: (path: string, offset: number) => void;
}

function Pane(props: PaneProps) {
  const { side, row, patch, view } = props;
  const of = side === "A" ? row.a : row.b;
  if (patch.isPending) return <Loading label="Reading the change" />;
  if (patch.data === undefined)
    return <ErrorNotice error={patch.error} title="The change can’t be shown" onRetry={() => void patch.refetch()} />;
  if (patch.data.parts.length === 0)
    return <Empty title="No change on this side">{of.patch_refused ?? undefined}</Empty>;
  if (view.plain) return <PlainPatch parts={patch.data.parts} label={`Changes of ${side}, as plain patch`} />;
  return <Diff {...props} files={patch.data.files} />;
}

function Diff({ side, files, paths, folds, view, handle, ...props }: PaneProps & { files: ParsedFile[] }) {
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const { split, wrap } = view;
  const look = useMemo(
    () => ({ layout: split ? ("split" as const) : ("unified" as const), wrap, dark }),
    [split, wrap, dark],
  );
  const byPath = useMemo(() => new Map(files.map((file) => [file.path, file])), [files]);
  const stateOf = useCallback(
    (path: string) => {
      const file = byPath.get(path);
      return { folded: file ? folds.isFolded(side, file, false) : false, notes: NO_NOTES };
    },
    [byPath, folds, side],
  );
  const toggle = useCallback((path: string) => folds.set(side, path, !stateOf(path).folded), [folds, side, stateOf]);
  const head = (path: string) => {
    const file = byPath.get(path) ?? null;
    return (
      <FileHead
        {...{ path, file, folded: stateOf(path).folded, reason: file ? foldReason(file) : null }}
        {...{ viewed: false, current: false, notes: 0, onNotes: nothing, onFold: toggle, onViewed: null }}
      />
    );
  };
  return (
    <DiffPane
      ref={handle}
      {...{ files, paths, look, stateOf, renderHead: head, selected: props.selected, onSelect: props.onSelect }}
      label={`Changes of ${side}`}
      find={null}
      heights={props.heights}
      beside={props.beside}
      roomFor={props.roomFor}
      onPlace={props.onPlace}
    />
  );
}

const NO_NOTES: never[] = [];
function nothing(): void {}
