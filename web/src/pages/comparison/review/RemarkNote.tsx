import { useQuery } from "@tanstack/react-query";
import { reviewsQuery } from "../../../api/reviews";
import type { Comparison, Remark } from "../../../api/types";
import { CitedText } from "../evidence/CitedText";
import classes from "./Remarks.module.css";

/** The last review's remarks, once there was one. */
export function useRemarks(comparison: Comparison): readonly Remark[] {
  const reviewed = ["returned", "submitted", "accepted", "rejected", "disputed"].includes(comparison.status);
  const reviews = useQuery({ ...reviewsQuery(comparison.id), enabled: reviewed });
  return reviews.data?.[0]?.remarks ?? NONE;
}

const NONE: readonly Remark[] = [];

export interface RemarkNotesProps {
  comparison: Comparison;
  turn: number;
  field: string;
}

/** What a reviewer has said about an answer, beside it, and whether it has changed since. */
export function RemarkNotes({ comparison, turn, field }: RemarkNotesProps) {
  const remarks = useRemarks(comparison).filter((remark) => remark.turn === turn && remark.field === field);
  return remarks.map((remark) => (
    <div
      role="note"
      key={remark.text}
      className={classes.remark}
      data-resolved={remark.resolved || undefined}
      aria-label={remark.resolved ? "Remark, resolved" : "Remark"}
    >
      <p className={classes.head}>
        {comparison.mine ? "The reviewer" : "The last review"}
        <span className={classes.state}>{stateWords(remark)}</span>
      </p>
      <CitedText text={remark.text} comparison={comparison.id} turn={turn} />
      {remark.resolved && typeof remark.said === "string" && remark.said.trim() !== "" && (
        <details className={classes.before}>
          <summary>What it said then</summary>
          <CitedText text={remark.said} comparison={comparison.id} turn={turn} />
        </details>
      )}
    </div>
  ));
}

export function stateWords(remark: Pick<Remark, "resolved" | "final">): string {
  if (remark.final) return "for the next time";
  return remark.resolved ? "changed since" : "open";
}
