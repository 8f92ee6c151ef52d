import { useEffect, useRef } from "react";
import type { ChangesSettings } from "./changes-settings";
import { CHANGES_KEYS, type ChangesCommand } from "./keys";
import type { Reader } from "./use-reader";

const COMMANDS = new Map<string, ChangesCommand>(CHANGES_KEYS.map((binding) => [binding.keys, binding.id]));

/** Whoever types, or is in a menu or a dialog, means letters and not commands. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("textarea, select, [role=dialog], [role=menu], [role=listbox]"))
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

interface Parts {
  reader: Reader;
  settings: ChangesSettings;
  onSearch?: () => void;
  onFiles?: () => void;
}

/** Listens for the keys of the changes while they are shown. */
export function useChangesKeys(parts: Parts): void {
  const latest = useRef(parts);
  latest.current = parts;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key === "f" && latest.current.onSearch) {
        // Pressed again in the page's own field it is the browser's.
        if ((event.target as HTMLElement | null)?.closest?.("search")) return;
        event.preventDefault();
        latest.current.onSearch();
        return;
      }
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const command = COMMANDS.get(event.key);
      if (command === undefined) return;
      event.preventDefault();
      run(command, latest.current);
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
