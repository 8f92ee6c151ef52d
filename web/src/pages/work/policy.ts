import type { Policy } from "../../api/work";

/** The numbers of a policy as people type them: shares in percent, prices in dollars. */

export interface Part {
  name: keyof Policy;
  label: string;
  description?: string;
  /** Typed number = stored number × this. */
  times: number;
  min: number;
  max: number;
  decimals?: number;
  suffix?: string;
  prefix?: string;
  /** What an empty field means; without it, one can't be empty. */
  empty?: string;
}

const SHARE = { times: 100, min: 0, max: 100, decimals: 1, suffix: " %" } as const;

export const PARTS: Part[] = [
  { name: "overlap_rate", label: "Judged again", description: "Of all tasks", ...SHARE },
  { name: "overlap_people", label: "People for each of them", times: 1, min: 2, max: 20 },
  {
    name: "overlap_price_cents",
    label: "Paid for judging",
    times: 0.01,
    min: 0,
    max: 1_000_000,
    decimals: 2,
    prefix: "$",
    empty: "as for a task",
  },
  { name: "gold_rate", label: "Gold tasks", description: "Of what a person is given", ...SHARE, max: 50 },
  { name: "gold_to_qualify", label: "Gold tasks that come first", times: 1, min: 0, max: 50 },
  { name: "qualify_share", label: "Of those, must agree", ...SHARE },
  {
    name: "again_rate",
    label: "Once more by the same person",
    description: "Of what a person is given; sides swapped",
    ...SHARE,
    max: 50,
  },
  { name: "again_after_days", label: "… at the earliest after", times: 1, min: 0, max: 365, suffix: " days" },
  { name: "aa_rate", label: "A/A controls", description: "An arm meets itself", ...SHARE, max: 50 },
  { name: "pairs_floor", label: "Dealt out to all pairs alike", description: "Where evidence draws", ...SHARE, min: 5 },
  { name: "contributor_share", label: "One person’s share at most", ...SHARE, empty: "no limit" },
  { name: "share_from", label: "… once there are", times: 1, min: 1, max: 1_000_000, suffix: " comparisons" },
  { name: "max_comparisons", label: "Comparisons in all", times: 1, min: 1, max: 10_000_000, empty: "no limit" },
];

/** What the field shows. */
export function shownValue(part: Part, policy: Policy): number | string {
  const stored = policy[part.name];
  return typeof stored === "number" ? Math.round(stored * part.times * 1e6) / 1e6 : "";
}

/** What was typed, as it is stored. An empty field that must not be empty changes nothing. */
export function storedValue(part: Part, typed: number | string): Partial<Policy> {
  if (typed === "" || Number.isNaN(Number(typed))) return part.empty ? { [part.name]: null } : {};
  const stored = Number(typed) / part.times;
  return { [part.name]: part.decimals ? Math.round(stored * 1e6) / 1e6 : Math.round(stored) };
}

/** The fields that differ from what is stored: these alone are sent. */
export function changed(stored: Policy, edited: Partial<Policy>): Partial<Policy> {
  const found = Object.entries(edited).filter(([name, value]) => stored[name as keyof Policy] !== value);
  return Object.fromEntries(found);
}
