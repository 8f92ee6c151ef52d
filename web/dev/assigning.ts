import { type Answer, type Call, Refusal } from "./calls.ts";
import { CAMPAIGN } from "./data.ts";
import { campaignComparisons, rejections } from "./lists.ts";
import { disagreements, GOLD, HELD } from "./work.ts";

/** What is next: first results to judge, after a skip a task of one's own, and after that nothing. */

const PAUSED = {
  code: "assignment-paused",
  message: "This campaign hands out nothing new for now: we look at the first results together.",
  hint: "What you began can be finished and submitted.",
};

interface Place {
  step: number;
  held: Record<string, unknown> | null;
}
const places = new Map<string, Place>();
const policy = {
  overlap_rate: 0.15,
  overlap_people: 2,
  overlap_by: "evidence",
  pairs_by: "chance",
  pairs_floor: 0.25,
  overlap_price_cents: 9000,
  gold_rate: 0.05,
  gold_to_qualify: 0,
  qualify_share: 0.7,
  again_rate: 0.05,
  again_after_days: 7,
  aa_rate: 0.05,
  contributor_share: 0.25,
  share_from: 20,
  max_comparisons: 400,
  required: false,
  paused: false,
  pause_reason: "",
};

function held(step: number): Record<string, unknown> | null {
  const common = {
    id: `as-${step}`,
    campaign_id: "camp-1",
    status: "held",
    held_until: new Date(Date.now() + 7_200_000).toISOString(),
    comparison_id: null,
  };
  if (step === 0)
    return {
      ...common,
      kind: "judge",
      title: "Keep rows when a file ends without a newline",
      category: "bug_fix",
      price_cents: 9000,
    };
  if (step === 1) return { ...common, kind: "own", title: "", category: "", price_cents: 28000 };
  return null;
}

const ARMS = [
  { id: "a1", name: "north", agent: "scripted", model: "replay-1", active: true, outputs_may_train: true },
  { id: "a2", name: "south", agent: "scripted", model: "replay-2", active: true, outputs_may_train: false },
];

/** `/campaigns` and what is below them. */
export function campaigns(call: Call): Answer {
  const [, id, part] = call.parts;
  if (part === "assignment" || part === "assignments") return assignments(call);
  if (part === "disagreements") return { json: id === "camp-empty" ? [] : disagreements() };
  if (part === "rejections") return rejections(call);
  if (part === "arms") return { json: ARMS };
  if (part === "comparisons") return campaignComparisons(call);
  if (call.method === "PATCH" && call.body.assignment) Object.assign(policy, call.body.assignment);
  return { json: id ? CAMPAIGN : [CAMPAIGN] };
}

function assignments(call: Call): Answer {
  if (call.parts[2] === "assignments")
    return {
      json: {
        policy,
        originals: 126,
        repeats: 17,
        total: 146,
        gold: call.parts[1] === "camp-empty" ? [] : GOLD,
        assignments: call.parts[1] === "camp-empty" ? [] : HELD,
      },
    };
  const place = places.get(call.cookie) ?? { step: 0, held: null };
  places.set(call.cookie, place);
  if (call.method === "POST") {
    place.held ??= held(place.step);
    if (!place.held) throw new Refusal(409, PAUSED.code, PAUSED.message, { hint: PAUSED.hint });
    return { json: place.held };
  }
  const refusal = !place.held && place.step > 1 ? PAUSED : null;
  const prices = { own_price_cents: 28000, judge_price_cents: 9000, required: policy.required };
  return { json: { assignment: place.held, refusal, ...prices } };
}

/** `/assignments/{id}/begin` and `/assignments/{id}/skip`. */
export function assignment(call: Call): Answer {
  const place = places.get(call.cookie);
  if (!place?.held) throw new Refusal(404, "assignment-not-found", "There is no such assignment.");
  if (call.parts[2] === "begin") {
    Object.assign(place.held, { status: "begun", comparison_id: "ready" });
    return { json: place.held };
  }
  const over = { ...place.held, status: "over" };
  place.held = null;
  place.step += 1;
  return { json: over };
}
