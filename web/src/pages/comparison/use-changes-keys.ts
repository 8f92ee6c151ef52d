import { useEffect, useRef } from "react";
import { useCommands } from "../../keyboard/commands";
import type { ChangesSettings } from "./changes-settings";
import { CHANGES_KEYS, type ChangesCommand } from "./keys";
import type { Reader } from "./use-reader";

interface Parts {
  reader: Reader;
  settings: ChangesSettings;
  onSearch?: () => void;
  onFiles?: () => void;
}

/** Offers the commands of the changes, by their keys and in the palette, while they are shown. */
export function useChangesKeys(parts: Parts): void {
  useCommands(CHANGES_KEYS.map(({ id }) => ({ id, run: () => run(id, parts) })));
  const latest = useRef(parts);
  latest.current = parts;
  useEffect(() => {
    // The browser's own search can't see lines that are not drawn. Pressed again in the page's own field it is the browser's.
    const listen = (event: KeyboardEvent) => {
      const search = (event.ctrlKey || event.metaKey) && !event.altKey && event.key === "f";
      if (!search || !latest.current.onSearch || (event.target as HTMLElement | null)?.closest?.("search")) return;
      event.preventDefault();
      latest.current.onSearch();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function run(command: ChangesCommand, { reader, settings, onSearch, onFiles }: Parts): void {
  const commands: Record<ChangesCommand, () => void> = {
    "next-change": () => reader.nextChange(1),
    "previous-change": () => reader.nextChange(-1),
    "next-file": () => reader.nextFile(1),
    "previous-file": () => reader.nextFile(-1),
    "next-note": () => reader.nextNote(1),
    "previous-note": () => reader.nextNote(-1),
    "next-line": () => reader.nextLine(1),
    "previous-line": () => reader.nextLine(-1),
    "extend-down": () => reader.extend(1),
    "extend-up": () => reader.extend(-1),
    comment: reader.act,
    viewed: reader.toggleViewed,
    fold: reader.toggleFold,
    "side-a": () => reader.activate("A"),
    "side-b": () => reader.activate("B"),
    files: () => onFiles?.(),
    search: () => onSearch?.(),
    split: () => settings.setSplit(!settings.split),
  };
  commands[command]();
}
