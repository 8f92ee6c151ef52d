import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { followEvents } from "../../api/event-stream";
import type { ComparisonEvent, Side } from "../../api/types";
import { appendEvents, EMPTY_TRANSCRIPT, type TranscriptState } from "../../components/transcript/items";

export interface Live {
  sides: Record<Side, TranscriptState>;
  connected: boolean;
}

const NOTHING: Live["sides"] = { A: EMPTY_TRANSCRIPT, B: EMPTY_TRANSCRIPT };

/** Follows a turn while it runs: folds the agents' events per side, and reloads the comparison when its state changes. */
export function useLive(comparison: string, turn: number, active: boolean): Live {
  const client = useQueryClient();
  const [sides, setSides] = useState(NOTHING);
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    if (!active) return;
    setSides(NOTHING);
    const onEvents = (events: ComparisonEvent[]) => {
      const own = events.filter((event) => event.turn === turn);
      const of = (side: Side) => own.filter((event) => event.side === side);
      setSides((before) => ({ A: appendEvents(before.A, of("A")), B: appendEvents(before.B, of("B")) }));
      if (own.some((event) => event.kind === "turn_status" || event.kind === "rollout_status")) {
        void client.invalidateQueries({ queryKey: ["comparison", comparison], exact: true });
        void client.invalidateQueries({ queryKey: ["comparison", comparison, "ratings"] });
      }
    };
    return followEvents(comparison, 0, { onEvents, onConnected: setConnected });
  }, [comparison, turn, active, client]);
  return { sides, connected };
}
