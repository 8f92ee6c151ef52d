import { useComputedColorScheme } from "@mantine/core";
import { type Ref, useCallback, useMemo } from "react";
import { type At, fetchBlob } from "../../api/comparisons";
import type { Side } from "../../api/types";
import { DiffPane, type DiffPaneHandle, PlainPatch } from "../../components/diff";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import type { ChangesSettings } from "./changes-settings";
import classes from "./Panes.module.css";
import type { PatchState } from "./use-patch";

export interface ChangesPaneProps {
  side?: Side;
  of: { comparison: string; turn: number; from: At; to: Side };
  /** Null: this side left no result. */
  patch: PatchState | null;
  paths: readonly string[] | null;
  settings: ChangesSettings;
  label: string;
  onPlace?: (path: string, offset: number) => void;
  ref?: Ref<DiffPaneHandle>;
}

export function ChangesPane(props: ChangesPaneProps) {
  return (
    <div className={classes.pane} data-side={props.side}>
      <Content {...props} />
    </div>
  );
}

function Content({ of, patch, paths, settings, label, onPlace, ref }: ChangesPaneProps) {
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const { comparison, turn, from, to } = of;
  const look = useMemo(
    () => ({ layout: settings.split ? ("split" as const) : ("unified" as const), wrap: settings.wrap, dark }),
    [settings.split, settings.wrap, dark],
  );
  // Whole files are fetched only when someone opens unchanged lines around a change.
  const load = useCallback(
    async (file: { name: string; prevName?: string; type: string }) => {
      const newFile = { name: file.name, contents: await fetchBlob(comparison, turn, to, file.name) };
      if (file.type === "rename-pure") return { oldFile: null, newFile };
      const old = file.prevName ?? file.name;
      return { oldFile: { name: old, contents: await fetchBlob(comparison, turn, from, old) }, newFile };
    },
    [comparison, turn, from, to],
  );
  if (patch === null) {
    return (
      <Empty title="No result on this side">It stopped before its files could be kept. It can be rated as it is.</Empty>
    );
  }
  if (patch.kind === "loading") return <Loading label="Loading the changes" />;
  if (patch.kind === "failed")
    return <ErrorNotice error={patch.error} title="The changes can’t be shown" onRetry={patch.retry} />;
  if (patch.text.trim() === "" && (paths === null || paths.length === 0)) {
    return (
      <Empty title="No file was changed">{settings.ignoreWhitespace ? "Not counting white space." : undefined}</Empty>
    );
  }
  if (patch.kind === "raw" || settings.plain)
    return <PlainPatch text={patch.text} label={`${label}, as plain patch`} />;
  return (
    <DiffPane ref={ref} files={patch.files} paths={paths} look={look} label={label} load={load} onPlace={onPlace} />
  );
}
