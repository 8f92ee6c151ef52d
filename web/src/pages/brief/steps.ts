import type { Brief } from "../../api/types";

export type StepState = "waiting" | "active" | "done" | "failed" | "left-out";
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

const NONE: Partial<Record<(typeof ORDER)[number], string>> = {
  setting_up: "No set-up command",
  testing: "No test command",
};

type Commands = Pick<Brief, "set_up_command" | "test_command">;

/**
 * Where a preparation stands. A failed one does not name its step, so that is read from what it has left behind:
 * no base commit, the fetch failed; no environment, the set-up did.
 */
export function preparationSteps(preparation: Brief["preparation"], commands: Commands): Step[] {
  const { status } = preparation;
  let reached: number;
  if (status === "ready") reached = ORDER.length;
  else if (status === "failed")
    reached = preparation.base_commit === null ? 0 : preparation.environment_id === null ? 1 : 2;
  else reached = ORDER.indexOf(status as (typeof ORDER)[number]);
  const lacks = {
    fetching: false,
    setting_up: !commands.set_up_command?.trim(),
    testing: !commands.test_command?.trim(),
  };
  return ORDER.map((step, index) => {
    const label = LABELS[step];
    // A step without a command, and one that an earlier failure kept from beginning, is not one that was done.
    if (index > reached) return { label, state: status === "failed" ? "left-out" : "waiting" };
    if (lacks[step] && index < reached) return { label: NONE[step] ?? label, state: "left-out" };
    return { label, state: index < reached ? "done" : status === "failed" ? "failed" : "active" };
  });
}
