import { useSyncExternalStore } from "react";
import type { Heights } from "./heights";
import { HEAD_HEIGHT, LINE_HEIGHT, SPACE_BELOW } from "./options";

/**
 * What blank lines do not take of the room of a file that the pane beside this one has and this one lacks: what follows
 * stands at the same height in both.
 */
export function Room({ path, lines, beside }: { path: string; lines: number; beside: Heights }) {
  const height = useSyncExternalStore(beside.subscribe, () => beside.of(path));
  const own = HEAD_HEIGHT + lines * LINE_HEIGHT + SPACE_BELOW;
  return <div style={{ height: Math.max(0, height - own) }} data-room={path} />;
}
