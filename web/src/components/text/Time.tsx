import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { dateTime, duration, exactTime, relativeTime } from "./time";

/** A moment as people say it, in the reader's zone; the exact time with its zone on hover and for machines. */
export function Time({ iso, relative = false }: { iso: string; relative?: boolean }) {
  useTick(relative ? 30_000 : null);
  return (
    <Tooltip label={exactTime(iso)} events={{ hover: true, focus: false, touch: true }}>
      <time dateTime={iso}>{relative ? relativeTime(iso) : dateTime(iso)}</time>
    </Tooltip>
  );
}

/** How long ago something began, counting. Never negative: clocks differ. */
export function Elapsed({ since }: { since: string }) {
  useTick(1000);
  const seconds = Math.max(0, (Date.now() - new Date(since).getTime()) / 1000);
  return (
    <Tooltip label={`Since ${exactTime(since)}`}>
      <span style={{ fontVariantNumeric: "tabular-nums" }}>{duration(Math.max(1, Math.floor(seconds)), true)}</span>
    </Tooltip>
  );
}

function useTick(every: number | null): void {
  const [, tick] = useState(0);
  useEffect(() => {
    if (every === null) return;
    const timer = setInterval(() => tick((before) => before + 1), every);
    return () => clearInterval(timer);
  }, [every]);
}
