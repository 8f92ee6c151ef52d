import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { ChangesSettings } from "./changes-settings";
import { type Pane, toPane } from "./line-hooks";
import type { Changes } from "./use-changes";
import type { Reader } from "./use-reader";

/** Goes to the file and the lines that the address names, once for each address, as soon as they are there. */
export function useChangesTarget(changes: Changes, reader: Reader, settings: ChangesSettings): void {
  const search = useSearch({ from: "/comparisons/$id" });
  const { file, side, which = "new", line, to = line } = search;
  const wanted = file === undefined ? null : JSON.stringify([file, side, which, line, to]);
  const reached = useRef<string | null>(null);
  const panes = changes.panes;
  const target = panes.find((pane) => pane === side) ?? panes[0];
  const ready = target !== undefined && changes.patchOf(target)?.kind === "ready";
  const { plain, setPlain } = settings;
  // After every render: what it waits for has no event of its own, and what it does happens once for an address.
  useEffect(() => {
    if (wanted === null || file === undefined || !ready || reached.current === wanted) return;
    if (plain) {
      setPlain(false);
      return;
    }
    reached.current = wanted;
    const go = async (pane: Pane) => {
      // The pane has been drawn once when this runs; a second frame lets it measure itself.
      await new Promise((done) => requestAnimationFrame(done));
      const lines =
        line === undefined ? null : toPane(pane, { side: side ?? "A", path: file, which, from: line, to: to ?? line });
      if (lines && (await reader.showLines(pane, lines))) return;
      reader.showFile(file);
    };
    void go(target);
  });
}
