import { useEffect, useRef, useState } from "react";
import { asProblem } from "../../../api/problem";
import { closeTerminal, listTerminals, openTerminal } from "../../../api/terminals";
import type { Side } from "../../../api/types";

/** A tab: a terminal, or one that is being opened, or could not be. */
export interface Tab {
  key: number;
  turn: number;
  side: Side;
  terminal: string | null;
  error: unknown;
}

/** The person's terminals on a comparison. They live on the server: after a reload the tabs are there again. */
export function useTerminals(comparison: string) {
  const [tabs, setTabs] = useState<Tab[]>([]);
  const [current, setCurrent] = useState<number | null>(null);
  const next = useRef(1);
  useEffect(() => {
    const stop = new AbortController();
    listTerminals(comparison, stop.signal).then(
      (known) => {
        const kept = known
          .filter((one) => one.status !== "ending")
          .map((one) => ({ key: next.current++, turn: one.turn, side: one.side, terminal: one.id, error: null }));
        setTabs((tabs) => [...kept, ...tabs]);
        setCurrent((current) => current ?? kept[0]?.key ?? null);
      },
      (error) => {
        // New ones can still be opened; what can't be listed now is there after the next reload.
        if (!stop.signal.aborted) console.warn(asProblem(error).message);
      },
    );
    return () => stop.abort();
  }, [comparison]);

  const change = (key: number, change: Partial<Tab>) =>
    setTabs((tabs) => tabs.map((tab) => (tab.key === key ? { ...tab, ...change } : tab)));
  const begin = (key: number, turn: number, side: Side) =>
    openTerminal(comparison, turn, side).then(
      (made) => change(key, { terminal: made.id, error: null }),
      (error) => change(key, { terminal: null, error }),
    );
  return {
    tabs,
    current,
    select: setCurrent,
    add: (turn: number, side: Side) => {
      const key = next.current++;
      setTabs((tabs) => [...tabs, { key, turn, side, terminal: null, error: null }]);
      setCurrent(key);
      void begin(key, turn, side);
    },
    /** A fresh copy in the place of one that has ended. */
    again: (tab: Tab) => {
      change(tab.key, { terminal: null, error: null });
      void begin(tab.key, tab.turn, tab.side);
    },
    close: (tab: Tab) => {
      const index = tabs.findIndex((one) => one.key === tab.key);
      const rest = tabs.filter((one) => one.key !== tab.key);
      setTabs(rest);
      if (current === tab.key) setCurrent(rest[Math.min(index, rest.length - 1)]?.key ?? null);
      // One that has ended by itself needs no closing; the server says so, and that is fine.
      if (tab.terminal) closeTerminal(tab.terminal).catch(() => {});
    },
  };
}

export type Terminals = ReturnType<typeof useTerminals>;
