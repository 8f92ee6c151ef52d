import { currentCommands } from "./commands";

const STORED = "marlin-single-keys";
/** Between the two keys of a sequence. */
const PAUSE_MS = 1200;

/** Keys without Ctrl or Cmd can be switched off: with speech input or a shaking hand they do harm (WCAG 2.1.4). */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // Storage is refused: they stay as they are.
  }
}

export const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

export interface Press {
  key: string;
  mod: boolean;
  /** Another modifier than Shift, or none of ours. */
  other: boolean;
}

/** Which command a press means, given the key before it. Pure. */
export function match(
  press: Press,
  before: string | null,
  commands: readonly { keys: string | null; id: string }[],
): { id: string } | { prefix: string } | null {
  if (press.other) return null;
  const key = press.mod ? `Mod+${press.key.toLowerCase()}` : press.key;
  const whole = before === null ? key : `${before} ${key}`;
  const exact = commands.find((command) => command.keys === whole);
  if (exact) return { id: exact.id };
  if (press.mod) return null;
  if (before === null && commands.some((command) => command.keys?.startsWith(`${key} `))) return { prefix: key };
  // A key after a prefix that means nothing with it counts for itself.
  return before === null ? null : match(press, null, commands);
}

/** Whoever types, or is in a menu or a dialog, means letters and not commands. */
export function isTyping(target: EventTarget | null | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target.closest("textarea, select, [role=dialog], [role=menu], [role=listbox], [role=textbox], .xterm"))
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** Listens for the whole app. Returns how to stop. */
export function listenForKeys(): () => void {
  let before: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = () => {
    clearTimeout(timer);
    before = null;
  };
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const mod = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    const other = event.altKey || (!mod && (event.ctrlKey || event.metaKey));
    if (!mod && (isTyping(event.composedPath()[0]) || !singleKeys())) return forget();
    const commands = currentCommands();
    const found = match({ key: event.key, mod, other }, before, commands);
    forget();
    if (found === null) return;
    event.preventDefault();
    if ("prefix" in found) {
      before = found.prefix;
      timer = setTimeout(forget, PAUSE_MS);
      return;
    }
    commands.find((command) => command.id === found.id)?.run();
  };
  document.addEventListener("keydown", listen);
  return () => {
    forget();
    document.removeEventListener("keydown", listen);
  };
}
