import { isShown } from "../../api/comparisons";
import type { Comparison, Rating, Ratings, Turn } from "../../api/types";

/** What the panel beside the results offers for a turn. Pure. */
export type PanelMode = "rate" | "next" | "read" | "wait";

/** Whether its contributor can change nothing of it any more, for now or for good. */
export function isClosed({ status }: Pick<Comparison, "status">): boolean {
  return ["submitted", "accepted", "rejected", "disputed", "cancelled"].includes(status);
}

export function panelMode(comparison: Comparison, turn: Turn, rating: Rating | null): PanelMode {
  if (!isShown(turn)) return "wait";
  const last = comparison.turns.at(-1)?.number === turn.number;
  const closed = isClosed(comparison);
  if (rating) return last && !closed ? "next" : "read";
  // Whose it is decides, not what is allowed this second: while checks run the draft can be written, and what is being
  // written must not vanish when they end.
  return last && !closed && comparison.mine ? "rate" : "read";
}

/** After a return every turn's rating may be replaced by a new version. */
export function mayChange(comparison: Comparison, ratings: Ratings, rating: Rating | null): boolean {
  return rating !== null && comparison.status === "returned" && ratings.actions.rate.allowed;
}

/** Whether the caller is writing this turn's rating, or may begin to: what is clicked can be cited in it. */
export function writesRating(comparison: Comparison, turn: Turn): boolean {
  const last = comparison.turns.at(-1)?.number === turn.number;
  const open = comparison.status === "returned" || (last && ["running", "to_rate"].includes(comparison.status));
  return comparison.mine && open;
}
