import type { Brief, Comparison, Ratings, Remark, Review } from "../src/api/types.ts";
import { brief, comparison, READY_PREPARATION, rating, rollout, turn } from "./data.ts";

/** One example of every state a brief or a comparison can be in. */

const YES = { allowed: true, reason: null };
const NO = { allowed: false, reason: null };
const LATER = { allowed: false, reason: "One more turn is needed before you can submit." };

export interface Entry {
  comparison: Comparison;
  ratings: Ratings;
  reviews: Review[];
}

function ratings(turns: Ratings["turns"], actions: Partial<Ratings["actions"]> = {}): Ratings {
  return { turns, actions: { rate: NO, undo_rating: NO, submit: NO, ...actions } };
}

function remark(turn: number, field: string, text: string): Remark {
  return { turn, field, text, said: null, resolved: false, final: false };
}

function review(
  decision: Review["decision"],
  comments: string,
  remarks: Remark[] = [],
  more: Partial<Review> = {},
): Review {
  return {
    id: `r-${decision}-${comments.length}`,
    comparison_id: "x",
    decision,
    reason: null,
    comments,
    remarks,
    at: "2026-11-23T12:00:00Z",
    mine: false,
    on_dispute: false,
    dispute: null,
    can_dispute: false,
    can_reopen: false,
    kept_because: null,
    ...more,
  };
}

const COPIED =
  "The justification is word for word the one of your task “Keep rows when a file ends”: it speaks of rows, and there are none here.";
const AGAINST = {
  text: "Both tasks end in the same helper, so the same sentence fits. What differs is below it: lines 12–20 are about pip alone.",
  at: "2026-11-23T15:00:00Z",
};

const working = (number: number) =>
  turn(number, {
    status: "running",
    started_at: new Date(Date.now() - 247_000).toISOString(),
    ready_at: null,
    expectation: "",
    sides: { A: { side: "A", status: "working" }, B: { side: "B", status: "working" } },
  });
const rated = { rating: rating(), draft: null };
const empty = { rating: null, draft: null };
const base = comparison("x");
const crashed = rollout("B", {
  outcome: "context_limit",
  outcome_message: "The conversation grew past what the model can read; the agent stopped by itself after 41 steps.",
  commit: null,
  diffstat: null,
  checks: [],
  left_out: [],
});
const broken = (side: "A" | "B") =>
  rollout(side, {
    outcome: "upstream_error",
    outcome_message: "The model’s service answered 529 (overloaded) five times in a row.",
    commit: null,
    diffstat: null,
    checks: [],
    rateable: false,
  });

function entry(id: string, over: Partial<Comparison>, own: Ratings, reviews: Entry["reviews"] = []): [string, Entry] {
  return [id, { comparison: comparison(id, over), ratings: own, reviews }];
}

export const COMPARISONS = new Map<string, Entry>([
  entry(
    "running",
    { status: "running", turns: [working(1)], actions: { follow_up: NO, cancel: YES, retry: NO } },
    ratings({}),
  ),
  entry(
    "workerless",
    { status: "running", turns: [working(1)], actions: { follow_up: NO, cancel: YES, retry: NO }, worker_away: true },
    ratings({}),
  ),
  entry(
    "live",
    {
      status: "running",
      turns: [working(1)],
      campaign: { ...base.campaign, reveal: "live" },
      actions: { follow_up: NO, cancel: YES, retry: NO },
    },
    ratings({}),
  ),
  entry(
    "flood",
    {
      status: "running",
      turns: [working(1)],
      campaign: { ...base.campaign, reveal: "live" },
      actions: { follow_up: NO, cancel: YES, retry: NO },
    },
    ratings({}),
  ),
  entry(
    "shaky",
    {
      status: "running",
      turns: [working(1)],
      campaign: { ...base.campaign, reveal: "live" },
      actions: { follow_up: NO, cancel: YES, retry: NO },
    },
    ratings({}),
  ),
  entry("long", {}, ratings({ 1: empty }, { rate: YES })),
  entry("ready", {}, ratings({ 1: empty }, { rate: YES })),
  ...["odd", "bench-17600", "bench-69500", "bench-33000"].map((id) =>
    entry(id, {}, ratings({ 1: empty }, { rate: YES })),
  ),
  entry(
    "rated",
    { status: "rated", actions: { follow_up: YES, cancel: NO, retry: NO } },
    ratings({ 1: rated }, { undo_rating: YES, submit: LATER }),
  ),
  entry(
    "tie",
    { status: "rated", actions: { follow_up: YES, cancel: NO, retry: NO } },
    ratings({ 1: { rating: rating({}, null), draft: null } }, { undo_rating: YES, submit: LATER }),
  ),
  entry(
    "second",
    { status: "rated", turns: [turn(1), turn(2)], actions: { follow_up: YES, cancel: NO, retry: NO } },
    ratings(
      { 1: rated, 2: { rating: rating({ key_axis: "security" }, "A"), draft: null } },
      { undo_rating: YES, submit: YES },
    ),
  ),
  entry(
    "one-failed",
    { turns: [turn(1, { sides: { A: rollout("A"), B: crashed } })] },
    ratings({ 1: empty }, { rate: YES }),
  ),
  entry(
    "failed",
    {
      status: "failed",
      turns: [turn(1, { status: "failed", sides: { A: broken("A"), B: broken("B") } })],
      actions: { follow_up: NO, cancel: NO, retry: YES },
    },
    ratings({}),
  ),
  entry(
    "cancelled",
    {
      status: "cancelled",
      turns: [
        turn(1, {
          status: "cancelled",
          sides: { A: { side: "A", status: "finished" }, B: { side: "B", status: "finished" } },
        }),
      ],
      actions: { follow_up: NO, cancel: NO, retry: YES },
    },
    ratings({}),
  ),
  entry("submitted", { status: "submitted", turns: [turn(1), turn(2)] }, ratings({ 1: rated, 2: rated })),
  entry(
    "returned",
    { status: "returned", turns: [turn(1), turn(2)] },
    ratings({ 1: rated, 2: rated }, { rate: YES, submit: YES }),
    [
      review("return", "Nearly there: two answers need another look.", [
        remark(2, "justification", "Which entry breaks? Cite it, as in [B#mlflow/models/container/__init__.py:29]."),
        remark(2, "axes.security", "You say that A is more secure, but the points say B. Which is it?"),
        { ...remark(1, "weaknesses_a", "Why is that a weakness?"), resolved: true, said: "Quotes." },
        { ...remark(2, "prompt", "Name the function the next time."), final: true },
      ]),
    ],
  ),
  entry("accepted", { status: "accepted", turns: [turn(1), turn(2)] }, ratings({ 1: rated, 2: rated }), [
    review("accept", "Clear and exact. Thank you."),
  ]),
  entry("rejected", { status: "rejected", turns: [turn(1), turn(2)] }, ratings({ 1: rated, 2: rated }), [
    review("reject", COPIED, [remark(2, "justification", "This one.")], { reason: "copied", can_dispute: true }),
  ]),
  entry("disputed", { status: "disputed", turns: [turn(1), turn(2)] }, ratings({ 1: rated, 2: rated }), [
    review("reject", COPIED, [], { reason: "copied", dispute: AGAINST }),
  ]),
  entry("upheld", { status: "rejected", turns: [turn(1), turn(2)] }, ratings({ 1: rated, 2: rated }), [
    review("reject", "The lines you name are about pip, but nothing is said of them.", [], {
      reason: "copied",
      on_dispute: true,
    }),
    review("reject", COPIED, [], { reason: "copied", dispute: AGAINST }),
  ]),
]);

const failedLog = {
  status: "failed" as const,
  message: "The set-up command failed (exit 1)",
  hint: "Read the end of the log. The package needs a compiler that the image lacks: add it to the set-up command.",
  base_commit: READY_PREPARATION.base_commit,
};

export const BRIEFS = new Map<string, Brief>(
  [
    brief("draft", {}),
    brief("new", {
      source: "",
      commit: "",
      title: "",
      prompt: "",
      acceptance_criteria: "",
      set_up_command: "",
      test_command: "",
      base_image: "python",
      effort_minutes: null,
      category: "bug_fix",
    }),
    brief("preparing", {
      status: "preparing",
      preparation: {
        ...READY_PREPARATION,
        status: "setting_up",
        message: "Running the set-up command",
        base_check: null,
        environment_id: null,
        warnings: [],
      },
    }),
    brief("failed", {
      status: "failed",
      title: "A rather long title, to see whether a brief whose name goes on and on still fits where it is listed",
      preparation: { ...READY_PREPARATION, ...failedLog, base_check: null, environment_id: null, warnings: [] },
    }),
    brief("ready", { status: "ready", preparation: READY_PREPARATION }),
    brief("used", { status: "used", preparation: READY_PREPARATION }),
    brief("conflict", { title: "Changed in another window" }),
  ].map((entry) => [entry.id, entry]),
);
