import type { Brief } from "../../api/types";

export type StepState = "waiting" | "active" | "done" | "failed";
export interface Step {
  label: string;
  state: StepState;
}

const ORDER = ["fetching", "setting_up", "testing"] as const;
const LABELS: Record<(typeof ORDER)[number], string> = {
  fetching: "Fetch the repository",
  setting_up: "Run the set-up command",
  testing: "Run the tests on the base",
};

/**
 * Where a preparation stands. A failed one does not name its step, so that is read from what it has left behind:
 * no base commit, the fetch failed; no environment, the set-up did.
 */
export function preparationSteps(preparation: Brief["preparation"]): Step[] {
  const { status } = preparation;
  let reached: number;
  if (status === "ready") reached = ORDER.length;
  else if (status === "failed")
    reached = preparation.base_commit === null ? 0 : preparation.environment_id === null ? 1 : 2;
  else reached = ORDER.indexOf(status as (typeof ORDER)[number]);
  return ORDER.map((step, index) => ({
    label: LABELS[step],
    state: index < reached ? "done" : index > reached ? "waiting" : status === "failed" ? "failed" : "active",
  }));
}
