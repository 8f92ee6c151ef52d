import { useSearch } from "@tanstack/react-router";
import { startTransition, useEffect, useState } from "react";
import { useTurn } from "../../components/layout/Later";
import { afterFrame, goOn, isHeldBack } from "../../opening";
import type { Pane } from "./line-hooks";
import type { Changes } from "./use-changes";

/**
 * While a comparison is opened, one pane is drawn before the other: lines can be read in half the time, and no task is as
 * long as both together. Tells whether a pane waits.
 */
export function useOneFirst(changes: Changes, settings: { plain: boolean }): (pane: Pane) => boolean {
  const mine = useTurn("other-pane");
  // What stands around the panes comes before them: in one, both would be one long task.
  const [around, setAround] = useState(() => !isHeldBack());
  useEffect(() => afterFrame(() => startTransition(() => setAround(true))), []);
  const { side } = useSearch({ from: "/comparisons/$id" });
  const ready = changes.panes.filter((pane) => changes.patchOf(pane)?.kind === "ready");
  // The one that the address leads to, else the left one; where only one has come, that one.
  const first = ready.find((pane) => pane === side) ?? ready[0];
  const nothing = changes.panes.every((pane) => {
    const patch = changes.patchOf(pane);
    return (
      patch === null ||
      patch.kind === "failed" ||
      (patch.kind === "ready" && (settings.plain || patch.parts.length === 0))
    );
  });
  useEffect(() => {
    if (nothing) goOn();
  }, [nothing]);
  return (pane) => ready.includes(pane) && (!around || (!mine && pane !== first));
}
