import { useLocation, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { Side } from "../../api/types";
import type { ChangesSettings } from "./changes-settings";
import { type Pane, toPane } from "./line-hooks";
import type { Changes } from "./use-changes";
import type { Reader } from "./use-reader";

export interface Target {
  path: string;
  side: Side;
  which: "old" | "new";
  line?: number;
}

/**
 * Goes to the file and the lines that the address names, once for each address and each press of a link, as soon as they
 * are there.
 * Returns the place when the changes do not hold it.
 */
export function useChangesTarget(
  all: Changes,
  changes: Changes,
  reader: Reader,
  settings: ChangesSettings,
  showAll: () => void,
): Target | null {
  const search = useSearch({ from: "/comparisons/$id" });
  const { file, side, which = "new", line, to = line } = search;
  const wanted = file === undefined ? null : JSON.stringify([file, side, which, line, to]);
  const [missing, setMissing] = useState<{ wanted: string; target: Target } | null>(null);
  const reached = useRef<{ wanted: string; jump: number | undefined } | null>(null);
  const jump = useLocation({ select: (location) => location.state.jump });
  const pane = changes.panes.find((each) => each === side) ?? changes.panes[0];
  const patch = pane === undefined ? null : changes.patchOf(pane);
  const ready = patch?.kind === "ready";
  // What is not among the first files may be among the others.
  const known = patch?.kind === "ready" && (patch.complete || patch.files.some((entry) => entry.path === file));
  // After every render: what it waits for has no event of its own, and what it does happens once for an address.
  useEffect(() => {
    if (wanted === null || file === undefined || pane === undefined || !ready || !known) return;
    const before = reached.current;
    if (before?.wanted === wanted && (jump === undefined || jump === before.jump)) return;
    if (settings.plain) return settings.setPlain(false);
    const there = (some: Changes) => some.filesOf(pane).some((entry) => entry.path === file);
    // Drawn behind the other one.
    if (there(all) && reader.handles[pane].current === null) return;
    if (there(all) && !there(changes)) return showAll();
    reached.current = { wanted, jump };
    const miss = () => setMissing({ wanted, target: { path: file, side: side ?? "A", which, line } });
    const go = async (pane: Pane) => {
      if (!there(all)) return miss();
      if (line === undefined) return reader.showFile(file);
      const lines = toPane(pane, { side: side ?? "A", path: file, which, from: line, to: to ?? line });
      if (!lines || !(await reader.showLines(pane, lines))) {
        reader.showFile(file);
        miss();
      }
    };
    // The pane has been drawn once when this runs; a second frame lets it measure itself.
    requestAnimationFrame(() => void go(pane));
  });
  return missing && missing.wanted === wanted ? missing.target : null;
}
