import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SubmissionProblem } from "../../../api/types";
import { VisibleText } from "../../../components/text/VisibleText";

/** The other comparison that a finding is about, in a tab of its own: what is being written or read here stays. */
export function Referred({ finding }: { finding: SubmissionProblem }) {
  const { refers } = finding;
  if (!refers) return null;
  return (
    <>
      {" "}
      <Anchor
        inherit
        c="inherit"
        underline="always"
        renderRoot={(props) => (
          <Link
            {...props}
            to="/comparisons/$id"
            params={{ id: refers.comparison_id }}
            search={{ turn: refers.turn, ...(finding.field === "prompt" ? { view: "brief" } : {}) }}
            target="_blank"
          />
        )}
      >
        <VisibleText text={refers.title || "Untitled"} />, turn {refers.turn}
        <span className="visually-hidden"> (opens in a new tab)</span>
      </Anchor>
    </>
  );
}
