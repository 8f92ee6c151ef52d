import { useEffect, useState, useSyncExternalStore } from "react";
import { onRestored } from "../api/connection";
import { Draft, type DraftOptions, type DraftState } from "./draft";

export interface DraftForm<T> extends DraftState<T> {
  change: (value: T) => void;
  flush: () => Promise<boolean>;
  resolve: (value: T) => void;
  /** Whether somebody has to choose between two versions, asked this very moment. */
  isHeld: () => boolean;
}

/** A draft for as long as the component lives; what is unsent goes out when the page is hidden or left. */
export function useDraft<T, R>(options: () => DraftOptions<T, R>): DraftForm<T> {
  const [draft] = useState(() => new Draft(options()));
  const state = useSyncExternalStore(draft.subscribe, draft.snapshot);
  useEffect(() => onRestored(() => draft.retry()), [draft]);
  useEffect(() => {
    const onHide = () => {
      if (document.visibilityState === "hidden") void draft.flush(true);
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!draft.unsaved) return;
      void draft.flush(true);
      event.preventDefault();
    };
    document.addEventListener("visibilitychange", onHide);
    window.addEventListener("beforeunload", onUnload);
    return () => {
      document.removeEventListener("visibilitychange", onHide);
      window.removeEventListener("beforeunload", onUnload);
      void draft.flush(true);
    };
  }, [draft]);
  const { change, flush, resolve } = draft;
  return { ...state, change, flush: () => flush(), resolve, isHeld: () => draft.snapshot().conflict !== null };
}
