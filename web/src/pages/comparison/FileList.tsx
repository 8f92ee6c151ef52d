import { Button, Menu, TextInput } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, type Ref, useImperativeHandle, useRef } from "react";
import type { AlignedFile, ParsedFile } from "../../components/diff";
import { counted } from "../../components/text/counted";
import { PathTree, type PathTreeHandle } from "../../components/tree/PathTree";
import { STATUS_WORDS } from "./FileHead";
import classes from "./FileList.module.css";
import { ALL_FILES, type FileFilter, isFiltering, SIDES_LABELS } from "./file-filter";

export interface FileListHandle {
  focusFilter: () => void;
}

export interface FileListProps {
  files: AlignedFile<ParsedFile>[];
  /** How many there are without the filter. */
  all: number;
  /** In a pair each file says which sides changed it. */
  pair: boolean;
  filter: FileFilter;
  onFilter: (filter: FileFilter) => void;
  current: string | null;
  isViewed: (file: AlignedFile<ParsedFile>) => boolean;
  onPick: (path: string) => void;
  width: number;
  onWidth: (width: number) => void;
  ref?: Ref<FileListHandle>;
}

/** The changed files as a tree: what happened to each, on which side, and which of them were read. */
export function FileList(props: FileListProps) {
  const { files, all, pair, filter, onFilter, current, isViewed, onPick } = props;
  const field = useRef<HTMLInputElement>(null);
  const tree = useRef<PathTreeHandle>(null);
  useImperativeHandle(props.ref, () => ({ focusFilter: () => field.current?.select() }));
  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape" && filter.text) {
      event.stopPropagation();
      onFilter({ ...filter, text: "" });
    }
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      tree.current?.focus();
    }
  };
  return (
    <nav className={classes.list} aria-label="Changed files">
      <div className={classes.tools}>
        <TextInput
          ref={field}
          size="xs"
          className={classes.field}
          placeholder="Filter: name, *.py, !test"
          aria-label="Filter files"
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
          onKeyDown={leave}
        />
        <FilterMenu filter={filter} onFilter={onFilter} pair={pair} />
      </div>
      {isFiltering(filter) && (
        <p className={classes.count} role="status">
          {files.length} of {counted(all, "file")}{" "}
          <button type="button" className={classes.clear} onClick={() => onFilter(ALL_FILES)}>
            show all
          </button>
        </p>
      )}
      <div className={classes.tree}>
        <PathTree
          ref={tree}
          items={files}
          label="Changed files"
          current={current}
          openAtFirst
          order="paths"
          onPick={onPick}
          renderMark={(file) => <Marks file={file} />}
          renderEnd={(file) => <Ends file={file} pair={pair} viewed={isViewed(file)} />}
          empty={all === 0 ? "No file was changed." : "No changed file is like this."}
        />
      </div>
      <Edge width={props.width} onWidth={props.onWidth} />
    </nav>
  );
}

function Marks({ file }: { file: AlignedFile<ParsedFile> }) {
  const status = (file.A ?? file.B)?.status ?? "M";
  const other = file.A && file.B && file.A.status !== file.B.status ? file.B.status : null;
  return (
    <span className={classes.mark} data-status={other ? undefined : status} title={STATUS_WORDS[status]}>
      {other ? `${status}${other}` : status}
    </span>
  );
}

function Ends({ file, pair, viewed }: { file: AlignedFile<ParsedFile>; pair: boolean; viewed: boolean }) {
  return (
    <>
      {(["A", "B"] as const).map((side) => {
        const own = file[side];
        if (!own) return null;
        return (
          <span key={side} data-side={side} className={classes.stat}>
            {pair && <b>{side}</b>}
            {own.binary ? " bin" : null}
            {own.additions > 0 && <ins> +{own.additions}</ins>}
            {own.deletions > 0 && <del> −{own.deletions}</del>}
          </span>
        );
      })}
      <span className={classes.viewed} title={viewed ? "Viewed" : undefined}>
        {viewed ? "✓" : ""}
        {viewed && <span className="visually-hidden">viewed</span>}
      </span>
    </>
  );
}

function FilterMenu({ filter, onFilter, pair }: Pick<FileListProps, "filter" | "onFilter" | "pair">) {
  const sides = Object.entries(SIDES_LABELS) as [FileFilter["sides"], string][];
  const entries = [
    { label: "Only what I have not viewed", on: filter.unread, set: (unread: boolean) => ({ unread }) },
    { label: "Tests", on: filter.tests, set: (tests: boolean) => ({ tests }) },
    { label: "Generated and lock files", on: filter.machine, set: (machine: boolean) => ({ machine }) },
  ];
  const tick = (on: boolean) => <span className={classes.tick}>{on ? "✓" : ""}</span>;
  return (
    <Menu closeOnItemClick={false} position="bottom-start" width={240}>
      <Menu.Target>
        <Button size="xs" variant={isFiltering({ ...filter, text: "" }) ? "light" : "default"} px={8}>
          Show
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {pair &&
          sides.map(([value, label]) => (
            <Menu.Item
              key={value}
              role="menuitemradio"
              aria-checked={filter.sides === value}
              onClick={() => onFilter({ ...filter, sides: value })}
              leftSection={tick(filter.sides === value)}
            >
              {label}
            </Menu.Item>
          ))}
        {pair && <Menu.Divider />}
        {entries.map((entry) => (
          <Menu.Item
            key={entry.label}
            role="menuitemcheckbox"
            aria-checked={entry.on}
            onClick={() => onFilter({ ...filter, ...entry.set(!entry.on) })}
            leftSection={tick(entry.on)}
          >
            {entry.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const LEAST = 160;
const MOST = 640;

/** The edge by which the list is made wider: dragged, or moved with the arrows. */
function Edge({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const set = (next: number) => onWidth(Math.round(Math.min(MOST, Math.max(LEAST, next))));
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const start = event.clientX - width;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    target.onpointermove = (move) => set(move.clientX - start);
    target.onpointerup = () => {
      target.onpointermove = null;
      target.onpointerup = null;
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no <hr>
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the file list"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      className={classes.edge}
      onPointerDown={drag}
      onKeyDown={(event) => {
        const step = event.key === "ArrowRight" ? 20 : event.key === "ArrowLeft" ? -20 : 0;
        if (step === 0) return;
        event.preventDefault();
        set(width + step);
      }}
    />
  );
}
