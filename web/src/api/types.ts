import type { Check } from "./check-types";
import type { components } from "./schema";

export type * from "./check-types";
export type * from "./event-types";

/**
 * The shapes that the HTTP API speaks. Every other module imports them from here only.
 *
 * `schema.d.ts` is made from docs/reference/openapi.json (`npm run schema`; `npm run lint` says when it is out of date).
 * Most names stand for one of its schemas. Those written by hand know more than the schema says (which words a text may
 * be, what is always there); `types-contract.ts` holds them to it, field by field.
 */

type Schemas = components["schemas"];

export type Role = Schemas["Role"];
export type Side = "A" | "B";

export type Person = Schemas["PersonOut"];

export type Session = Schemas["SessionOut"];

export type ApiToken = Schemas["ApiTokenOut"];

/** The secret is in this one answer, and never again. */
export type FreshApiToken = Schemas["ApiTokenCreated"];

export type Terms = Schemas["TermsOut"];

export type Terminal = Schemas["TerminalOut"];

/** An address for git that works once, and what to type. */
export type Checkout = Schemas["CheckoutOut"];

export type InvitationOffer = Schemas["InvitationShown"];

export interface CampaignSummary {
  id: string;
  slug: string;
  title: string;
  status: "open" | "paused" | "closed";
  price_cents: number;
  min_turns: number;
  continuation: "session" | "transcript" | "own";
  reveal: "together" | "live";
  guidelines_markdown: string;
  /** Played by simulated contributors; only operators are told of such campaigns. */
  synthetic: boolean;
}

export type Assignment = Schemas["AssignmentOut"];
/** What somebody holds in a campaign, or why there would be nothing; neither when they only have to ask. */
export type CurrentAssignment = Schemas["CurrentOut"];

export type Axis = Schemas["Axis"];

export interface Rubric {
  version: number | string;
  axes: Axis[];
  requires_justification?: boolean;
  /** Whether a preference names the axis that decided it. */
  requires_key_axis?: boolean;
}

export type ExampleBrief = Schemas["ExampleBriefOut"];

export type BaseImage = Schemas["BaseImageOut"];

export interface Campaign extends CampaignSummary {
  max_turns?: number;
  rubric: Rubric;
  /** What a brief may stand on; the first is the default. */
  base_images: BaseImage[];
  example_briefs: ExampleBrief[];
}

export const CATEGORIES = [
  "bug_fix",
  "feature",
  "refactor",
  "security",
  "performance",
  "tests",
  "documentation",
  "chore",
  "code_review",
  "explanation",
  "ambiguous",
  "greenfield",
] as const;
export type Category = (typeof CATEGORIES)[number];

export interface BaseCheck {
  status: "passed" | "failed" | "error" | "timed_out" | "none";
  exit_code: number | null;
  seconds: number | null;
  summary: string;
}

export interface Preparation {
  status: "none" | "queued" | "fetching" | "setting_up" | "testing" | "ready" | "failed";
  message: string | null;
  hint: string | null;
  base_commit: string | null;
  resolved_title: string | null;
  warnings: string[];
  environment_id: string | null;
  base_check: BaseCheck | null;
  started_at: string | null;
  finished_at: string | null;
}

export interface BriefFields {
  source: string;
  commit: string;
  category: Category;
  title: string;
  prompt: string;
  acceptance_criteria: string;
  set_up_command: string;
  test_command: string;
  /** One of the campaign's base images. */
  base_image: string;
  effort_minutes: number | null;
}

export interface Brief extends BriefFields {
  id: string;
  campaign_id: string;
  status: "draft" | "preparing" | "ready" | "failed" | "used";
  revision: number;
  preparation: Preparation;
  example: string | null;
  created_at: string;
  updated_at: string;
}

export type Lint = Schemas["LintOut"];

export type ComparisonStatus =
  | "running"
  | "to_rate"
  | "rated"
  | "submitted"
  | "returned"
  | "accepted"
  | "rejected"
  | "disputed"
  | "cancelled"
  | "failed";

export interface ComparisonSummary {
  id: string;
  title: string;
  campaign_title: string;
  status: ComparisonStatus;
  turns: number;
  updated_at: string;
}

export type Action = Schemas["Action"];

export type RolloutStatus = "queued" | "preparing" | "working" | "capturing" | "checking" | "finished";
export type Outcome =
  | "completed"
  | "cancelled"
  | "refused"
  | "context_limit"
  | "max_turns"
  | "budget"
  | "timed_out"
  | "crashed"
  | "protocol_error"
  | "upstream_error"
  | "platform_error";

export type Diffstat = Schemas["Diffstat"];

export type ChangedFile = Schemas["ChangedFile"];

/** While results are withheld (reveal "together"), only `side` and `status` are served. */
export interface Rollout {
  side: Side;
  status: RolloutStatus;
  attempt?: number;
  outcome?: Outcome | null;
  outcome_message?: string | null;
  commit?: string | null;
  diffstat?: Diffstat | null;
  files?: ChangedFile[];
  left_out?: { path: string; reason: string }[];
  checks?: Check[];
  final_message?: string | null;
  rateable?: boolean;
}

/** checking: both results are in, their checks still run. ready: they can be rated. */
export type TurnStatus = "queued" | "running" | "checking" | "ready" | "failed" | "cancelled";

export interface Turn {
  number: number;
  prompt: string;
  status: TurnStatus;
  continued_from: null | "A" | "B" | "own" | "base";
  expectation: string;
  created_at: string;
  started_at: string | null;
  ready_at: string | null;
  sides: Record<Side, Rollout>;
}

export interface Comparison {
  id: string;
  status: ComparisonStatus;
  campaign: {
    id: string;
    title: string;
    min_turns: number;
    max_turns: number | null;
    continuation: "session" | "transcript" | "own";
    reveal: "together" | "live";
    guidelines_markdown: string;
    rubric: Rubric;
    time_limit_seconds: number;
    /** Median of the campaign's last turns; null where too few are known. */
    usual_turn_seconds: number | null;
  };
  brief: {
    title: string;
    source: string;
    base_commit: string;
    category: Category;
    prompt: string;
    acceptance_criteria: string;
    test_command: string;
    base_check: BaseCheck | null;
  };
  turns: Turn[];
  actions: { follow_up: Action; cancel: Action; retry: Action };
  /** Whether the caller is its contributor. */
  mine: boolean;
  /** The results were there before, and their first turn is judged here once more. */
  judging: boolean;
  /** A turn is to be worked on, and no worker has shown itself for a while. */
  worker_away: boolean;
  created_at: string;
}

export interface FollowUpText {
  prompt: string;
  continue_from: Side | "base" | null;
}

/** Revision 0: there is none yet. */
export interface FollowUpDraft extends FollowUpText {
  revision: number;
  saved_at: string | null;
}

export type Verdict = "preference" | "equal" | "both_bad";

export interface RatingAnswers {
  /** −3 = A much better … 0 = equal … +3 = B much better. */
  axes: Record<string, number | null>;
  overall: number | null;
  verdict: Verdict | null;
  key_axis: string | null;
  strengths_a: string;
  weaknesses_a: string;
  strengths_b: string;
  weaknesses_b: string;
  justification: string;
}

export interface Rating {
  id: string;
  answers: RatingAnswers;
  preferred: Side | null;
  strength: number;
  rubric_version: number | string;
  created_at: string;
}

export interface RatingDraft {
  revision: number;
  answers: Partial<RatingAnswers>;
  saved_at: string;
}

export interface Ratings {
  turns: Record<string, { rating: Rating | null; draft: RatingDraft | null }>;
  actions: { rate: Action; undo_rating: Action; submit: Action };
}

/** Words of a field, from `start` up to `end`, counted in Unicode code points (not in UTF-16 units). */
export type Mark = Schemas["MarkOut"];

export type SubmissionProblem = Schemas["ProblemOut"];

/** What a comment hangs on: lines of a file, or a step of a side's transcript. */
export interface Anchor {
  side: Side;
  path: string | null;
  at: "result" | "base" | "start";
  first_line: number | null;
  last_line: number | null;
  step: number | null;
}

export interface CommentBody {
  turn: number;
  anchor: Anchor;
  quote: string;
  text: string;
  draft: boolean;
  revision: number;
}

export interface Comment extends CommentBody {
  id: string;
  created_at: string;
  updated_at: string;
  deleted: boolean;
}

export type Review = Schemas["ReviewOut"];

/** Why a submission is rejected. */
export type Reason = NonNullable<Review["reason"]>;

/** A reviewer's remark on one answer of a turn, and whether that answer has changed since. */
export type Remark = Schemas["RemarkOut"];

export type WrittenRemark = Schemas["DraftRemark"];

export type ReviewDraft = Schemas["ReviewDraftOut"];

export interface ReviewQueueEntry {
  comparison_id: string;
  title: string;
  campaign_title: string;
  submitted_at: string;
  turns: number;
  /** It was rejected, and its contributor says that this is wrong. */
  disputed: boolean;
}

export type ComparisonEvent = Schemas["EventOut"];

export type EventPage = Schemas["EventsOut"];
