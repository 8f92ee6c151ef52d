import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { visibleName } from "../diff/tame";
import classes from "./PathTree.module.css";
import { foldersOf, type Row, rowAfterKey, rowNamed, type TreeOrder, treeRows } from "./tree";

export interface PathTreeHandle {
  focus: () => void;
}

export interface PathTreeProps<T extends { path: string }> {
  items: readonly T[];
  label: string;
  /** The file that is being read; its folders are opened and it is scrolled to. */
  current: string | null;
  onPick: (path: string) => void;
  /** Whether folders are open until someone closes them. */
  openAtFirst: boolean;
  order?: TreeOrder;
  /** In front of a file's name, and behind it. */
  renderMark?: (item: T) => ReactNode;
  renderEnd?: (item: T) => ReactNode;
  empty: ReactNode;
  ref?: Ref<PathTreeHandle>;
}

const ROW = 26;
const TYPING_MS = 700;

/** A tree of files, virtualised: arrows move and open, Enter picks, letters jump to a name. */
export function PathTree<T extends { path: string }>(props: PathTreeProps<T>) {
  const { items, label, current, onPick, openAtFirst, renderMark, renderEnd } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<string | null>(null);
  const typed = useRef({ text: "", at: 0 });
  const isOpen = (folder: string) => openAtFirst !== toggled.has(folder);
  const rows = treeRows(items, isOpen, props.order);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.path === (cursor ?? current)),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  useImperativeHandle(props.ref, () => ({ focus: () => box.current?.focus() }));

  const setOpen = (folder: string, open: boolean) =>
    setToggled((old) => {
      const next = new Set(old);
      if (open === openAtFirst) next.delete(folder);
      else next.add(folder);
      return next;
    });

  useEffect(() => {
    if (current === null) return;
    setCursor(null);
    setToggled((old) => {
      const folders = foldersOf(current);
      if (openAtFirst ? !folders.some((folder) => old.has(folder)) : folders.every((folder) => old.has(folder)))
        return old;
      return openAtFirst
        ? new Set([...old].filter((folder) => !folders.includes(folder)))
        : new Set([...old, ...folders]);
    });
  }, [current, openAtFirst]);
  const currentAt = current === null ? -1 : rows.findIndex((row) => row.path === current);
  useEffect(() => {
    if (currentAt !== -1) virtual.scrollToIndex(currentAt, { align: "auto" });
  }, [currentAt, virtual]);

  const go = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setCursor(row.path);
    virtual.scrollToIndex(index, { align: "auto" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[at];
    if (!row) return;
    const next = nextRow(event.key, row);
    if (next === null) return;
    // Letters are names here, not the commands that they are elsewhere.
    event.preventDefault();
    event.stopPropagation();
    if (next !== at) go(next);
  };
  const nextRow = (key: string, row: Row<T>): number | null => {
    if (key === "Enter" || key === " ") {
      if (row.kind === "folder") setOpen(row.path, !row.open);
      else onPick(row.path);
      return at;
    }
    if (row.kind === "folder" && (key === "ArrowRight" || key === "ArrowLeft")) {
      if (row.open !== (key === "ArrowRight")) {
        setOpen(row.path, key === "ArrowRight");
        return at;
      }
      if (key === "ArrowRight") return rowAfterKey(rows, at, "ArrowDown");
    }
    if (key.length === 1) {
      const now = performance.now();
      const again = now - typed.current.at < TYPING_MS;
      typed.current = { text: again ? typed.current.text + key : key, at: now };
      return rowNamed(rows, at, typed.current.text) ?? at;
    }
    return rowAfterKey(rows, at, key);
  };
  if (rows.length === 0) return <p className={classes.empty}>{props.empty}</p>;
  return (
    <div
      ref={box}
      role="tree"
      aria-label={label}
      tabIndex={0}
      className={classes.tree}
      aria-activedescendant={`${id}${at}`}
      onKeyDown={press}
    >
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="none">
        {virtual.getVirtualItems().map((entry) => {
          const row = rows[entry.index] as Row<T>;
          return (
            <TreeRow
              key={row.path}
              id={`${id}${entry.index}`}
              row={row}
              top={entry.start}
              cursor={entry.index === at}
              current={row.path === current}
              mark={row.item && renderMark?.(row.item)}
              end={row.item && renderEnd?.(row.item)}
              onClick={() => {
                setCursor(row.path);
                if (row.kind === "folder") setOpen(row.path, !row.open);
                else onPick(row.path);
              }}
            />
          );
        })}
      </div>
    </div>
  );
}

interface TreeRowProps {
  id: string;
  row: Row<unknown>;
  top: number;
  cursor: boolean;
  current: boolean;
  mark: ReactNode;
  end: ReactNode;
  onClick: () => void;
}

function TreeRow({ id, row, top, cursor, current, mark, end, onClick }: TreeRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself hears the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree itself has the focus
    <div
      id={id}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.siblings}
      aria-posinset={row.position}
      aria-expanded={row.kind === "folder" ? row.open : undefined}
      aria-selected={current}
      data-cursor={cursor || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 6 + (row.level - 1) * 14 }}
      title={visibleName(row.path)}
      onClick={onClick}
    >
      <span className={classes.twist} aria-hidden>
        {row.kind === "folder" ? (row.open ? "▾" : "▸") : ""}
      </span>
      {mark}
      <bdi className={row.kind === "folder" ? classes.folder : classes.name}>{visibleName(row.name)}</bdi>
      {row.kind === "folder" && !row.open && <span className={classes.count}>{row.files}</span>}
      {end && <span className={classes.end}>{end}</span>}
    </div>
  );
}
