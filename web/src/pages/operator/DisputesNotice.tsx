import { Alert, Anchor, List, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { WaitingDisputes } from "../../api/work";
import { disputesIn, useWaitingDisputes } from "../../components/layout/use-waiting-disputes";
import { counted } from "../../components/text/counted";
import { Time } from "../../components/text/Time";

/** Contributors who say that a rejection is wrong, and wait: what an operator sees before anything else. */
export function DisputesNotice() {
  const waiting = useWaitingDisputes();
  const count = disputesIn(waiting);
  if (count === 0) return null;
  return (
    <Alert
      color="orange"
      variant="default"
      role="note"
      title={`${counted(count, "dispute")} ${count === 1 ? "waits" : "wait"} for a decision`}
    >
      <Text size="sm">
        A contributor says that a rejection is wrong. A reviewer who had no part in it decides, or you do.
      </Text>
      <List size="sm" mt={6}>
        {waiting.map((one) => (
          <List.Item key={one.campaign_id}>
            <ToDisputes campaign={one.campaign_id}>
              <bdi>{one.campaign_title}</bdi>: {counted(one.count, "dispute")}
            </ToDisputes>
            , {one.count === 1 ? "sent" : "the oldest sent"} <Time iso={one.since} relative />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** The same on a campaign's own card; nothing where nothing waits. */
export function DisputesOf({ campaign }: { campaign: string }) {
  const own: WaitingDisputes | undefined = useWaitingDisputes().find((one) => one.campaign_id === campaign);
  if (own === undefined) return null;
  return (
    <ToDisputes campaign={campaign}>
      {counted(own.count, "dispute")} to decide<span className="visually-hidden"> in {own.campaign_title}</span>
    </ToDisputes>
  );
}

function ToDisputes({ campaign, children }: { campaign: string; children: ReactNode }) {
  return (
    <Anchor
      inherit
      fw={550}
      underline="always"
      renderRoot={(props) => (
        <Link
          {...props}
          to="/operator/campaigns/$id/work"
          params={{ id: campaign }}
          search={{ tab: "rejections", became: "disputed" }}
        />
      )}
    >
      {children}
    </Anchor>
  );
}
