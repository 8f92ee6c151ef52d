import { useComputedColorScheme } from "@mantine/core";
import { useMergedRef } from "@mantine/hooks";
import { type Ref, useCallback, useMemo, useRef } from "react";
import { type At, fetchBlob } from "../../api/comparisons";
import type { Side } from "../../api/types";
import {
  DiffPane,
  type DiffPaneHandle,
  type Find,
  type Heights,
  type LineRange,
  type ParsedFile,
  PlainPatch,
  tameWhole,
} from "../../components/diff";
import { foldReason } from "../../components/diff/folding";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import type { ChangesSettings } from "./changes-settings";
import { FileHead } from "./FileHead";
import type { LineHooks, Pane } from "./line-hooks";
import { MediaNote } from "./MediaNote";
import classes from "./Panes.module.css";
import type { FoldState } from "./use-folds";
import { madeNotes, usePaneNotes } from "./use-pane-notes";
import type { PatchState } from "./use-patch";
import type { Viewed } from "./use-viewed";

export interface ChangesPaneProps {
  pane: Pane;
  of: { comparison: string; turn: number; from: At; to: Side };
  /** Null: this side left no result. */
  patch: PatchState | null;
  /** It has come, and is drawn behind the other one. */
  waits: boolean;
  /** Those of the patch that are to be seen. */
  files: ParsedFile[];
  paths: readonly string[] | null;
  settings: ChangesSettings;
  label: string;
  folds: FoldState;
  viewed: Viewed | null;
  hooks: LineHooks;
  active: boolean;
  selected: LineRange | null;
  current: string | null;
  find: Find | null;
  onSelect: (pane: Pane, range: LineRange | null) => void;
  onAct: (pane: Pane, range: LineRange) => void;
  onActive: (pane: Pane) => void;
  onPlace?: (path: string, offset: number) => void;
  /** How tall the files are here, and in the pane beside this one, which this one keeps in line with. */
  heights?: Heights;
  beside?: Heights;
  roomFor?: (path: string) => number;
  ref?: Ref<DiffPaneHandle>;
}

export function ChangesPane(props: ChangesPaneProps) {
  return (
    <div
      className={classes.pane}
      data-side={props.pane === "between" ? undefined : props.pane}
      data-active={props.active || undefined}
    >
      <Content {...props} />
    </div>
  );
}

function Content(props: ChangesPaneProps) {
  const { patch, waits, paths, settings, label } = props;
  if (patch === null) {
    return (
      <Empty title="No result on this side">It stopped before its files could be kept. It can be rated as it is.</Empty>
    );
  }
  if (patch.kind === "loading" || waits) return <Loading label="Loading the changes" />;
  if (patch.kind === "failed")
    return <ErrorNotice error={patch.error} title="The changes can’t be shown" onRetry={patch.retry} />;
  if (patch.parts.length === 0 && (paths === null || paths.length === 0)) {
    return (
      <Empty title="No file was changed">{settings.ignoreWhitespace ? "Not counting white space." : undefined}</Empty>
    );
  }
  if (settings.plain && !patch.complete) return <Loading label="Loading the changes" />;
  if (settings.plain) return <PlainPatch parts={patch.parts} label={`${label}, as plain patch`} />;
  return <Diff {...props} patch={patch} />;
}

function Diff(props: ChangesPaneProps & { patch: PatchState & { kind: "ready" } }) {
  const { pane, of, patch, files, paths, settings, label, folds, viewed, hooks, selected, current } = props;
  const { onSelect, onActive } = props;
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const look = useMemo(
    () => ({ layout: settings.split ? ("split" as const) : ("unified" as const), wrap: settings.wrap, dark }),
    [settings.split, settings.wrap, dark],
  );
  const byPath = useMemo(() => new Map(patch.files.map((file) => [file.path, file])), [patch.files]);
  const { comparison, turn, from, to } = of;
  // Whole files are fetched only when someone opens unchanged lines around a change.
  const load = useCallback(
    async (diff: { name: string; prevName?: string; type: string }) => {
      const endings = byPath.get(diff.name)?.endings ?? "lf";
      const whole = async (at: At, path: string) => ({
        name: path,
        contents: tameWhole(await fetchBlob(comparison, turn, at, path, to), endings),
      });
      const newFile = await whole(to, diff.name);
      if (diff.type === "rename-pure") return { oldFile: null, newFile };
      return { oldFile: await whole(from, diff.prevName ?? diff.name), newFile };
    },
    [byPath, comparison, turn, from, to],
  );
  const media = useCallback(
    (path: string) => {
      const file = byPath.get(path);
      return file ? <MediaNote file={file} of={{ comparison, turn, from, to }} /> : null;
    },
    [byPath, comparison, turn, from, to],
  );
  const { notesOf, render } = usePaneNotes(pane, from, hooks, patch.files, media);
  const stateOf = useCallback(
    (path: string) => {
      const file = byPath.get(path);
      const isViewed = (file && viewed?.has(pane, file)) ?? false;
      return { folded: file ? folds.isFolded(pane, file, isViewed) : false, notes: notesOf(path) };
    },
    [byPath, viewed, pane, folds, notesOf],
  );
  const toggleFold = useCallback(
    (path: string) => folds.set(pane, path, !stateOf(path).folded),
    [folds, pane, stateOf],
  );
  const toggleViewed = useCallback(
    (path: string) => {
      const file = byPath.get(path);
      if (file) viewed?.toggle(pane, file);
    },
    [byPath, viewed, pane],
  );
  const handle = useRef<DiffPaneHandle>(null);
  const ref = useMergedRef(props.ref, handle);
  const showNotes = useCallback(
    (path: string) => {
      const [first] = madeNotes(notesOf(path)).sort((a, b) => a.line - b.line);
      if (!first) return;
      folds.set(pane, path, false);
      void handle.current?.showLines({ path, which: first.which, from: first.line, to: first.line });
    },
    [folds, pane, notesOf],
  );
  const head = (path: string) => {
    const file = byPath.get(path) ?? null;
    return (
      <FileHead
        path={path}
        file={file}
        folded={stateOf(path).folded}
        reason={file ? foldReason(file) : null}
        viewed={(file && viewed?.has(pane, file)) ?? false}
        current={current === path && props.active}
        notes={madeNotes(notesOf(path)).length}
        onNotes={showNotes}
        onFold={toggleFold}
        onViewed={viewed ? toggleViewed : null}
      />
    );
  };
  return (
    <DiffPane
      ref={ref}
      files={files}
      paths={paths}
      look={look}
      label={label}
      load={load}
      stateOf={stateOf}
      renderHead={head}
      renderNote={render}
      selected={selected}
      onSelect={(range) => onSelect(pane, range)}
      onAct={hooks.onActOnLines ? (range) => props.onAct(pane, range) : undefined}
      find={props.find}
      heights={props.heights}
      beside={props.beside}
      roomFor={props.roomFor}
      onPlace={props.onPlace}
      onActive={() => onActive(pane)}
    />
  );
}
