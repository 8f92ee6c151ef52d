import type { Reason } from "../../../api/types";

/** Why a submission is rejected, in the order of the list: what the task did first, then what the judgement did. */
export const REASONS: Record<Reason, { label: string; means: string }> = {
  role_play: {
    label: "Role play",
    means: "The request plays a part, or tells the agent to, instead of asking for work.",
  },
  against_rules: {
    label: "Against the rules",
    means: "The task breaks the campaign’s guidelines: it names the pull request, or is no real work on that code.",
  },
  duplicate_task: {
    label: "The same task again",
    means: "It was submitted before, by them or by somebody else.",
  },
  copied: {
    label: "Copied justification",
    means: "The reasons come from another task, another person or a model.",
  },
  not_judged: {
    label: "Not judged",
    means: "The answers say nothing about these two results: they were clicked through.",
  },
  fraud: { label: "Fraud", means: "Somebody pretends: another person’s account, evidence that was made up." },
  other: { label: "Something else", means: "None of these. Your words say what." },
};

export const REASON_LIST = Object.entries(REASONS) as [Reason, (typeof REASONS)[Reason]][];
