import { useEffect, useRef, useSyncExternalStore } from "react";
import { KEYS } from "./tables";

/** Something a person can do now: by its key, or from the command palette. */
export interface Command {
  /** Of a key in the tables, or any other name. */
  id: string;
  run: () => void;
  /** For commands without a key; others are called as the tables call them. */
  label?: string;
  group?: string;
}

export interface NamedCommand {
  id: string;
  label: string;
  group: string;
  keys: string | null;
  run: () => void;
}

/** Commands of what is mounted, the last mounted first. */
let layers: readonly { read: () => readonly Command[] }[] = [];
const listeners = new Set<() => void>();

function change(next: typeof layers): void {
  layers = next;
  for (const listener of listeners) listener();
}

export function registerCommands(read: () => readonly Command[]): () => void {
  const layer = { read };
  change([layer, ...layers]);
  return () => change(layers.filter((known) => known !== layer));
}

/** Offers commands for as long as the component lives. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => registerCommands(() => latest.current), []);
}

/** All that can be done now; of two with one name, the one of the inner part. */
export function currentCommands(): NamedCommand[] {
  const found = new Map<string, NamedCommand>();
  for (const layer of layers) {
    for (const { id, run, label, group } of layer.read()) {
      const binding = KEYS.get(id);
      if (found.has(id)) continue;
      found.set(id, {
        id,
        run,
        label: label ?? binding?.label ?? id,
        group: group ?? binding?.group ?? "",
        keys: binding?.keys ?? null,
      });
    }
  }
  return [...found.values()];
}

export function useCurrentCommands(): NamedCommand[] {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => layers,
  );
  return currentCommands();
}
