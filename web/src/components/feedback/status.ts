import type { Brief, Category, ComparisonStatus, Outcome, TurnStatus } from "../../api/types";

/** The words and colours of every status, in one place. */

export interface Words {
  label: string;
  color: string;
}

export const COMPARISON_STATUS: Record<ComparisonStatus, Words> = {
  running: { label: "At work", color: "gray" },
  to_rate: { label: "Ready to compare", color: "marlin" },
  rated: { label: "Rated", color: "marlin" },
  submitted: { label: "In review", color: "violet" },
  returned: { label: "Returned to you", color: "orange" },
  accepted: { label: "Accepted", color: "green" },
  rejected: { label: "Rejected", color: "red" },
  disputed: { label: "Disputed", color: "violet" },
  cancelled: { label: "Cancelled", color: "gray" },
  failed: { label: "Failed", color: "red" },
};

export const TURN_STATUS: Record<TurnStatus, Words> = {
  queued: { label: "Waiting", color: "gray" },
  running: { label: "At work", color: "gray" },
  checking: { label: "Checks are running", color: "blue" },
  ready: { label: "Ready", color: "marlin" },
  failed: { label: "Failed", color: "red" },
  cancelled: { label: "Cancelled", color: "gray" },
};

export const BRIEF_STATUS: Record<Brief["status"], Words> = {
  draft: { label: "Draft", color: "gray" },
  preparing: { label: "Preparing", color: "marlin" },
  ready: { label: "Ready to start", color: "green" },
  failed: { label: "Needs a change", color: "red" },
  used: { label: "Started", color: "gray" },
};

export const OUTCOME: Record<Outcome, string> = {
  completed: "Finished",
  cancelled: "Cancelled",
  refused: "Refused the request",
  context_limit: "Ran out of context",
  max_turns: "Stopped at the step limit",
  budget: "Stopped at the budget",
  timed_out: "Stopped at the time limit",
  crashed: "Crashed",
  protocol_error: "Broke off (protocol error)",
  upstream_error: "Broke off (model unavailable)",
  platform_error: "Broke off (platform failure)",
};

export const CATEGORY: Record<Category, string> = {
  bug_fix: "Bug fix",
  feature: "Feature",
  refactor: "Refactor",
  security: "Security",
  performance: "Performance",
  tests: "Tests",
  documentation: "Documentation",
  chore: "Chore",
  code_review: "Code review",
  explanation: "Explanation",
  ambiguous: "Ambiguous on purpose",
  greenfield: "Greenfield",
};
