import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import classes from "./ResultsView.module.css";

const LEAST = 320;
const MOST = 720;
const STEP = 24;

export interface PanelWidth {
  /** Null: as wide as suits the window. */
  css: string | undefined;
  value: number | null;
  set: (width: number | null) => void;
}

/** Whether the panel stands beside the results; remembered in this browser. */
export function useDocked() {
  return useLocalStorage({ key: "marlin-panel", defaultValue: true, getInitialValueInEffect: false });
}

/** Whether the window has no room for a panel beside the results. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 1080px)", false, { getInitialValueInEffect: false });
}

/** How wide the panel beside the results is; remembered in this browser. */
export function usePanelWidth(): PanelWidth {
  const [value, setValue] = useLocalStorage<number | null>({
    key: "marlin-panel-width",
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const set = (width: number | null) => setValue(width === null ? null : clamp(width));
  // Whatever was remembered on a wide screen, the results keep the larger part of this one.
  return { value, set, css: value === null ? undefined : `min(${clamp(value)}px, 45vw)` };
}

/** The edge between results and panel: dragged, moved by arrow keys, and set back by a double click or Home. */
export function PanelHandle({ width }: { width: PanelWidth }) {
  const [dragging, setDragging] = useState(false);
  const now = width.value ?? 0;
  const onPointerMove = (event: PointerEvent) => {
    if (dragging) width.set(window.innerWidth - event.clientX);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const current = event.currentTarget.parentElement?.offsetWidth ?? LEAST;
    if (event.key === "ArrowLeft") width.set(current + STEP);
    else if (event.key === "ArrowRight") width.set(current - STEP);
    else if (event.key === "Home") width.set(null);
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: hr can't be moved; a separator with a value can
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={now || LEAST}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuetext={now ? `${now} pixels` : "as suits the window"}
      tabIndex={0}
      className={classes.handle}
      data-dragging={dragging || undefined}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onDoubleClick={() => width.set(null)}
      onKeyDown={onKeyDown}
    />
  );
}

function clamp(width: number): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, width)));
}
