import { useEffect, useMemo, useRef, useState } from "react";
import { onRestored } from "../api/connection";
import { forget, keep } from "./kept";
import { Saver, type SaveState } from "./saver";

export interface Autosave<T> {
  state: SaveState;
  change: (value: T) => void;
  flush: () => Promise<boolean>;
  resume: (forget: boolean) => void;
}

export interface AutosaveOptions {
  delay?: number;
  /** Under which name the browser keeps what is not saved yet; see `kept`. */
  keepAs?: string;
}

/** Autosave for as long as the component lives; what is unsent goes out when the page is hidden or left. */
export function useAutosave<T>(
  save: (value: T, keepalive: boolean) => Promise<void>,
  { delay = 700, keepAs }: AutosaveOptions = {},
): Autosave<T> {
  const [state, setState] = useState<SaveState>({ kind: "clean" });
  const latest = useRef(save);
  latest.current = save;
  const saver = useMemo(
    () =>
      new Saver<T>({
        save: (value, keepalive) => latest.current(value, keepalive),
        delay,
        onState: (next) => {
          setState(next);
          if (keepAs !== undefined && next.kind === "saved") forget(keepAs);
        },
      }),
    [delay, keepAs],
  );
  useEffect(() => onRestored(() => saver.retry()), [saver]);

  useEffect(() => {
    const onHide = () => {
      if (document.visibilityState === "hidden") void saver.flush(true);
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!saver.unsaved) return;
      void saver.flush(true);
      event.preventDefault();
    };
    document.addEventListener("visibilitychange", onHide);
    window.addEventListener("beforeunload", onUnload);
    return () => {
      document.removeEventListener("visibilitychange", onHide);
      window.removeEventListener("beforeunload", onUnload);
      void saver.flush(true);
    };
  }, [saver]);

  return useMemo(
    () => ({
      state,
      change: (value: T) => {
        if (keepAs !== undefined) keep(keepAs, value);
        saver.change(value);
      },
      flush: () => saver.flush(),
      resume: (dropped: boolean) => {
        if (dropped && keepAs !== undefined) forget(keepAs);
        saver.resume(dropped);
      },
    }),
    [saver, state, keepAs],
  );
}
