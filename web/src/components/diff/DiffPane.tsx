import type { CodeView as CodeViewInstance, FileDiffContentsLoader } from "@pierre/diffs";
import { CodeView, type CodeViewHandle } from "@pierre/diffs/react";
import { type Ref, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import classes from "./DiffPane.module.css";
import { expandOnKey, labelExpandControls } from "./expand-keys";
import { paneItems } from "./items";
import { type DiffLook, diffOptions } from "./options";
import type { ParsedFile } from "./patch";

export interface DiffPaneHandle {
  showFile: (path: string) => void;
  /** Scrolls so that `path` stands where it stands in the other pane. */
  follow: (path: string, offset: number) => void;
}

export interface DiffPaneProps {
  files: ParsedFile[];
  /** All paths to list, in order; those not in `files` are shown as unchanged here. Null: just the files. */
  paths: readonly string[] | null;
  look: DiffLook;
  label: string;
  load: FileDiffContentsLoader;
  /** The file at the top, and how far into it the pane is, in pixels; only for scrolling that a person did. */
  onPlace?: (path: string, offset: number) => void;
  ref?: Ref<DiffPaneHandle>;
}

/** One virtualised pane of a diff, by @pierre/diffs. Nothing outside this folder knows that library. */
export function DiffPane({ files, paths, look, label, load, onPlace, ref }: DiffPaneProps) {
  const view = useRef<CodeViewHandle<undefined, undefined>>(null);
  const [box, setBox] = useState<HTMLElement | null>(null);
  const driven = useRef(false);
  const items = useMemo(() => paneItems(files, paths), [files, paths]);
  const notes = useMemo(() => new Map(files.map((file) => [file.path, file.note])), [files]);
  const options = useMemo(
    () => ({
      ...diffOptions(look),
      loadDiffFiles: load,
      onPostRender: (node: HTMLElement) => labelExpandControls(node),
    }),
    [look, load],
  );

  useEffect(() => {
    if (!box) return;
    const byPerson = () => {
      driven.current = true;
    };
    const events = ["wheel", "pointerdown", "keydown", "touchstart"] as const;
    for (const name of events) box.addEventListener(name, byPerson, { passive: true });
    box.addEventListener("keydown", expandOnKey);
    return () => {
      for (const name of events) box.removeEventListener(name, byPerson);
      box.removeEventListener("keydown", expandOnKey);
    };
  }, [box]);

  useImperativeHandle(ref, () => ({
    showFile: (path) => {
      driven.current = false;
      const jump = () => view.current?.scrollTo({ type: "item", id: path, align: "start", behavior: "instant" });
      jump();
      // Heights above were estimates; once they are measured the file has moved a little.
      setTimeout(jump, 120);
    },
    follow: (path, offset) => {
      driven.current = false;
      const top = view.current?.getInstance()?.getTopForItem(path);
      if (top !== undefined) view.current?.scrollTo({ type: "position", position: top + offset, behavior: "instant" });
    },
  }));

  const report = (scrollTop: number, viewer: CodeViewInstance<undefined, undefined>) => {
    if (!onPlace || !driven.current) return;
    const place = topItem(
      items.map((item) => item.id),
      scrollTop,
      (id) => viewer.getTopForItem(id),
    );
    if (place) onPlace(place.id, place.offset);
  };

  return (
    <section className={classes.pane} aria-label={label} ref={setBox}>
      <CodeView<undefined, undefined>
        ref={view}
        className={classes.view}
        items={items}
        options={options}
        onScroll={report}
        renderHeaderMetadata={(item) =>
          item.type === "file" ? (
            <span className={classes.note}>unchanged here</span>
          ) : notes.get(item.id) ? (
            <span className={classes.note}>{notes.get(item.id)}</span>
          ) : null
        }
      />
    </section>
  );
}

/** The last item whose top is at or above `scrollTop`. Tops grow with the index, so this halves its way there. */
export function topItem(
  ids: readonly string[],
  scrollTop: number,
  topOf: (id: string) => number | undefined,
): { id: string; offset: number } | null {
  let low = 0;
  let high = ids.length - 1;
  let found: { id: string; offset: number } | null = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const id = ids[middle];
    const top = id === undefined ? undefined : topOf(id);
    if (id === undefined || top === undefined) return found;
    if (top <= scrollTop) {
      found = { id, offset: scrollTop - top };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}
