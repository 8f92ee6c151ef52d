import { Alert, Anchor, List } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { heldWaitingQuery } from "../../../api/held";
import { useRoles } from "../../../api/session";
import { counted } from "../../../components/text/counted";

function useWaiting() {
  const operator = useRoles().includes("operator");
  return useQuery({ ...heldWaitingQuery, enabled: operator });
}

/** Whether it is not known yet if anything waits: what stands below the notice has no place yet. */
export function useHeldPending(): boolean {
  const waiting = useWaiting();
  return waiting.isPending && waiting.isFetching;
}

/** Values that hold rows back until an operator decides; nothing where nothing waits. */
export function HeldNotice() {
  const waiting = useWaiting().data ?? [];
  const count = waiting.reduce((sum, one) => sum + one.undecided, 0);
  if (count === 0) return null;
  return (
    <Alert
      color="orange"
      variant="default"
      role="note"
      title={`${counted(count, "value")} that may be ${count === 1 ? "a secret holds" : "secrets hold"} rows back`}
    >
      <List size="sm">
        {waiting.map((one) => (
          <List.Item key={one.campaign_id}>
            <ToHeld campaign={one.campaign}>
              <bdi>{one.title}</bdi>: decide on {counted(one.undecided, "value")}
            </ToHeld>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

export function ToHeld({ campaign, children }: { campaign: string | undefined; children: ReactNode }) {
  return (
    <Anchor
      inherit
      fw={550}
      underline="always"
      renderRoot={(props) => <Link {...props} to="/operator/datasets/held" search={campaign ? { campaign } : {}} />}
    >
      {children}
    </Anchor>
  );
}
