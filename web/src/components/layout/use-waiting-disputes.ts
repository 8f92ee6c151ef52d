import { useQuery } from "@tanstack/react-query";
import { useRoles } from "../../api/session";
import { type WaitingDisputes, waitingDisputesQuery } from "../../api/work";

const NONE: WaitingDisputes[] = [];

/** Disputes that wait to be decided on, by campaign; for operators alone, so nothing for anybody else. */
export function useWaitingDisputes(): WaitingDisputes[] {
  const operator = useRoles().includes("operator");
  const found = useQuery({ ...waitingDisputesQuery, enabled: operator });
  return (operator && found.data) || NONE;
}

export function disputesIn(waiting: WaitingDisputes[]): number {
  return waiting.reduce((sum, one) => sum + one.count, 0);
}

/** Whether they are on their way: what stands below a notice of them has no place yet. */
export function useDisputesPending(): boolean {
  const operator = useRoles().includes("operator");
  return useQuery({ ...waitingDisputesQuery, enabled: operator }).isPending && operator;
}
