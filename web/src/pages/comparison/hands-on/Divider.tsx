import { useRef } from "react";
import classes from "./TerminalPanel.module.css";

const LEAST = 140;
const most = () => Math.max(LEAST, Math.round(window.innerHeight * 0.7));
const bounded = (height: number) => Math.min(most(), Math.max(LEAST, Math.round(height)));

/** The upper edge of the panel: drag it, or move it with the arrow keys. */
export function Divider({ height, onChange }: { height: number; onChange: (height: number) => void }) {
  const from = useRef<{ y: number; height: number }>(null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is a widget; <hr> is none
    <div
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the terminals"
      aria-valuenow={height}
      aria-valuemin={LEAST}
      aria-valuemax={most()}
      tabIndex={0}
      className={classes.divider}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { y: event.clientY, height };
      }}
      onPointerMove={(event) => {
        if (from.current) onChange(bounded(from.current.height + from.current.y - event.clientY));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={(event) => {
        const step = { ArrowUp: 24, ArrowDown: -24, PageUp: 120, PageDown: -120 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onChange(bounded(height + step));
      }}
    />
  );
}
