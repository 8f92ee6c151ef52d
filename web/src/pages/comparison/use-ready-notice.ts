import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { isWorking } from "../../api/comparisons";
import type { Comparison, Turn } from "../../api/types";
import { useTitle } from "../../components/layout/Page";

export interface ReadyWishes {
  /** A notification of the browser; only after the person asked for it. */
  notify: boolean;
  sound: boolean;
}

export function useReadyWishes(): [ReadyWishes, (wishes: ReadyWishes) => void] {
  const [wishes, setWishes] = useLocalStorage<ReadyWishes>({
    key: "marlin-when-ready",
    defaultValue: { notify: false, sound: false },
    getInitialValueInEffect: false,
  });
  return [wishes, setWishes];
}

/** Names the tab after what goes on, and tells a person who looks elsewhere when a turn is over. */
export function useReadyNotice(comparison: Comparison, turn: Turn | undefined): void {
  const working = turn !== undefined && isWorking(turn);
  const number = turn?.number ?? 0;
  const before = useRef({ working, number });
  const [over, setOver] = useState(false);
  const [wishes] = useReadyWishes();
  const latest = useRef(wishes);
  latest.current = wishes;
  const { title } = comparison.brief;
  const failed = turn?.status === "failed";
  const stopped = turn?.status === "cancelled";
  useTitle(over ? `${failed ? "Failed" : "Ready"}: ${title}` : working ? `At work: ${title}` : title);

  useEffect(() => {
    const ended = before.current.working && !working && before.current.number === number && !stopped;
    before.current = { working, number };
    if (!ended || document.visibilityState === "visible") return;
    setOver(true);
    if (latest.current.sound) chime();
    if (latest.current.notify) announce(failed ? "Neither side came to a result" : "Both results are ready", title);
  }, [working, number, failed, stopped, title]);
  useEffect(() => {
    if (!over) return;
    const seen = () => document.visibilityState === "visible" && setOver(false);
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [over]);
}

function announce(heading: string, title: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(heading, { body: title, tag: `marlin-${location.pathname}` });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}

/** Two soft tones; a browser that allows no sound stays silent. */
function chime(): void {
  try {
    const audio = new AudioContext();
    for (const [at, pitch] of [
      [0, 660],
      [0.18, 880],
    ] as const) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, audio.currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.4);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.4);
    }
    setTimeout(() => void audio.close(), 1000);
  } catch {
    // The title and the page say it too.
  }
}
