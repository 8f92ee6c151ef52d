import type { Phase } from "../../../components/terminal/connection";
import { counted } from "../../../components/text/counted";

type Ended = Extract<Phase, { kind: "ended" }>;

/** How a terminal ended, for people. */
export function endedWords(phase: Ended): { title: string; text: string } {
  switch (phase.reason) {
    case "exited": {
      const code = phase.exitCode ?? 0;
      const signal = code > 128 ? ` (signal ${code - 128})` : "";
      return { title: `The shell ended with exit status ${code}${signal}.`, text: phase.message };
    }
    case "idle":
      return { title: "The terminal was closed because nothing was typed for a while.", text: "" };
    case "longest":
      return { title: "The terminal reached the longest time one may be open.", text: "" };
    case "closed":
      return { title: "The terminal was closed.", text: "" };
    default:
      return { title: "The terminal is gone.", text: phase.message };
  }
}

/** What stands over the screen while there is no shell in it; null when there is. */
export function waitingWords(phase: Phase): string | null {
  switch (phase.kind) {
    case "connecting":
      if (!phase.broke) return "Connecting…";
      return "The connection broke. Connecting again; what is typed until then does not reach the shell.";
    case "waiting":
      if (phase.taken) return "Making a copy of the result…";
      if (phase.ahead === 0) return "Waiting for a worker…";
      return `Waiting for room: ${counted(phase.ahead, "terminal")} before yours.`;
    case "unreachable":
      return "The worker that keeps this terminal does not answer. Trying again…";
    default:
      return null;
  }
}

const REFUSED = {
  "signed-out": "You are not signed in any more. Sign in in another tab, then connect again.",
  gone: "There is no such terminal any more.",
  "too-many": "You have very many terminals connected. Close some, then connect again.",
} as const;

export function refusedWords(phase: Extract<Phase, { kind: "refused" }>): string {
  return REFUSED[phase.reason];
}

/** 90 → "1:30" */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
