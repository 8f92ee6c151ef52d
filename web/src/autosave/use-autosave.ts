import { useEffect, useMemo, useRef, useState } from "react";
import { Saver, type SaveState } from "./saver";

export interface Autosave<T> {
  state: SaveState;
  change: (value: T) => void;
  flush: () => Promise<boolean>;
  resume: (forget: boolean) => void;
}

/** Autosave for as long as the component lives; what is unsent goes out when the page is hidden or left. */
export function useAutosave<T>(save: (value: T, keepalive: boolean) => Promise<void>, delay = 700): Autosave<T> {
  const [state, setState] = useState<SaveState>({ kind: "clean" });
  const latest = useRef(save);
  latest.current = save;
  const saver = useMemo(
    () => new Saver<T>({ save: (value, keepalive) => latest.current(value, keepalive), delay, onState: setState }),
    [delay],
  );

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
      change: (value: T) => saver.change(value),
      flush: () => saver.flush(),
      resume: (forget: boolean) => saver.resume(forget),
    }),
    [saver, state],
  );
}
