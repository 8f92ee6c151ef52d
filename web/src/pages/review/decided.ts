import type { Decided } from "../../api/reviews";
import type { Words } from "../../components/feedback/status";

export const DECISIONS: Record<Decided["decision"], Words> = {
  accept: { label: "Accepted", color: "green" },
  return: { label: "Returned", color: "orange" },
  reject: { label: "Rejected", color: "red" },
};

/** What became of a decision since; empty where it stands. */
export const BECAME: Record<Decided["became"], string> = {
  stands: "",
  taken_back: "taken back",
  decided_again: "decided again since",
  disputed: "disputed: somebody else decides",
  submitted_again: "submitted again",
};
