import { useComputedColorScheme } from "@mantine/core";
import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import { socketUrl } from "../../api/terminals";
import { type Phase, TerminalConnection, type TerminalHandlers } from "./connection";
import classes from "./Screen.module.css";

export interface ScreenHandle {
  /** Puts text at the prompt, without Enter. */
  paste: (text: string) => void;
  focus: () => void;
  stay: () => void;
  /** Takes the terminal (back) from another window. */
  reconnect: () => void;
}

export interface ScreenProps {
  terminal: string;
  label: string;
  visible: boolean;
  screenReader: boolean;
  onPhase: (phase: Phase) => void;
  onCountdown: TerminalHandlers["onCountdown"];
  onDropped: () => void;
  /** F6: the way out for people without a mouse. */
  onLeave: () => void;
  onReady: (handle: ScreenHandle) => void;
}

/**
 * What output may not do: set the window's title, write to the clipboard, make links out of text that says something
 * else, or change colours until nothing can be read.
 */
const SWALLOWED_OSC = [0, 1, 2, 4, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 777, 1337];

/** A live terminal. Its own chunk: xterm.js is fetched when the first one is opened. */
export default function Screen(props: ScreenProps) {
  const { terminal, visible, screenReader } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const made = useRef<{ term: Terminal; fit: FitAddon; connection: TerminalConnection }>(null);
  const scheme = useComputedColorScheme("light");

  useEffect(() => {
    const host = box.current;
    if (!host) return;
    const term = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mantine-font-family-monospace"),
      fontSize: 13,
      scrollback: 5000,
      cursorBlink: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      minimumContrastRatio: 4.5,
      linkHandler: { activate: () => {} },
    });
    for (const code of SWALLOWED_OSC) term.parser.registerOscHandler(code, () => true);
    const fit = new FitAddon();
    term.loadAddon(fit);
    term.open(host);
    term.textarea?.setAttribute("aria-label", latest.current.label);
    let old = 0;
    const connection = new TerminalConnection(socketUrl(terminal), {
      onPhase: (phase) => latest.current.onPhase(phase),
      onStart: () => term.reset(),
      onOutput: (data, isOld, drawn) => {
        if (isOld) old += 1;
        term.write(data, () => {
          if (isOld) old -= 1;
          drawn();
        });
      },
      onCountdown: (countdown) => latest.current.onCountdown(countdown),
      onDropped: () => latest.current.onDropped(),
    });
    made.current = { term, fit, connection };
    // Old output may ask the terminal something; the answer was given when it was new.
    term.onData((data) => old === 0 && connection.type(data));
    term.onBinary((data) => old === 0 && connection.type(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    term.onResize(({ cols, rows }) => connection.resize(cols, rows));
    term.attachCustomKeyEventHandler((event) => shellTakes(event, term, () => latest.current.onLeave()));
    const observer = new ResizeObserver(() => host.offsetWidth > 0 && host.offsetHeight > 0 && fit.fit());
    observer.observe(host);
    connection.open();
    latest.current.onReady({
      paste: (text) => {
        term.paste(text);
        term.focus();
      },
      focus: () => term.focus(),
      stay: () => connection.stay(),
      reconnect: () => connection.open(),
    });
    return () => {
      observer.disconnect();
      connection.leave();
      term.dispose();
      made.current = null;
    };
  }, [terminal]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which follows the scheme
  useEffect(() => {
    if (made.current) made.current.term.options.theme = theme();
  }, [scheme, terminal]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: also for the next terminal
  useEffect(() => {
    if (made.current) made.current.term.options.screenReaderMode = screenReader;
  }, [screenReader, terminal]);
  useEffect(() => {
    if (visible) made.current?.term.focus();
  }, [visible]);

  return <div ref={box} className={classes.screen} />;
}

/** Whether the shell gets a key. All but the way out, and copy and paste as terminals have them. */
function shellTakes(event: KeyboardEvent, term: Terminal, leave: () => void): boolean {
  if (event.key === "F6") {
    if (event.type === "keydown") {
      event.preventDefault();
      leave();
    }
    return false;
  }
  if (!event.ctrlKey || !event.shiftKey || event.altKey) return true;
  const key = event.key.toLowerCase();
  if (key === "v") return false; // the browser pastes
  if (key === "c") {
    if (event.type === "keydown") {
      event.preventDefault();
      document.execCommand("copy");
    }
    return !term.hasSelection();
  }
  return true;
}

function theme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const text = colour("--mantine-color-text") || "#888";
  const ansi = (name: string) => colour(`--ansi-${name}`);
  return {
    background: colour("--app-code"),
    foreground: text,
    cursor: text,
    cursorAccent: colour("--app-code"),
    selectionBackground: colour("--terminal-selection"),
    black: ansi("black"),
    red: ansi("red"),
    green: ansi("green"),
    yellow: ansi("yellow"),
    blue: ansi("blue"),
    magenta: ansi("magenta"),
    cyan: ansi("cyan"),
    white: ansi("white"),
    brightBlack: ansi("bright-black"),
    brightRed: ansi("bright-red"),
    brightGreen: ansi("bright-green"),
    brightYellow: ansi("bright-yellow"),
    brightBlue: ansi("bright-blue"),
    brightMagenta: ansi("bright-magenta"),
    brightCyan: ansi("bright-cyan"),
    brightWhite: ansi("bright-white"),
  };
}
