import { Anchor, Badge, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Disagreement, disagreementsQuery } from "../../api/work";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CATEGORY } from "../../components/feedback/status";
import { Time } from "../../components/text/Time";
import { VisibleText } from "../../components/text/VisibleText";
import { Section, Skeleton } from "../evidence/parts";
import { Adjudicate } from "./Adjudicate";
import classes from "./Work.module.css";
import { SAID } from "./words";

/** Results that people judged differently; with `item`, one of them, to decide. */
export function Disagreements({ campaign, item }: { campaign: string; item?: string }) {
  const found = useQuery(disagreementsQuery(campaign));
  if (item) return <Adjudicate campaign={campaign} item={item} />;
  if (found.data === undefined)
    return found.error ? (
      <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
    ) : (
      <Skeleton label="Loading the disagreements" heights={[320]} />
    );
  const open = found.data.filter((one) => !one.decided).length;
  return (
    <Section
      title="Disagreements"
      lead="Two people or more judged the same results and don’t say the same. Open questions first, then those furthest apart. Neither arms nor names are shown: decide as blindly as they did."
      aside={
        <Text size="sm" c="dimmed">
          {open} open, {found.data.length - open} decided
        </Text>
      }
    >
      {found.error && (
        <ErrorNotice error={found.error} title="What you see may be old" onRetry={() => void found.refetch()} />
      )}
      {found.data.length === 0 ? (
        <Empty title="Nobody disagrees">
          Either all say the same, or no results were judged by two people yet: the policy’s overlap decides how many
          are.
        </Empty>
      ) : (
        <ul className={classes.list} aria-label="Disagreements">
          {found.data.map((one) => (
            <li key={one.comparison_id}>
              <Row campaign={campaign} one={one} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ campaign, one }: { campaign: string; one: Disagreement }) {
  return (
    <Link
      className={classes.row}
      to="/operator/campaigns/$id/work"
      params={{ id: campaign }}
      search={{ tab: "disagreements", item: one.comparison_id }}
    >
      <b>
        <VisibleText text={one.title} />
      </b>
      <Text span size="sm" c="dimmed">
        {CATEGORY[one.category as keyof typeof CATEGORY] ?? one.category}
      </Text>
      <Text span size="sm">
        {one.said.map((said) => SAID[said]).join(" · ")}
      </Text>
      <Text span size="sm" c="dimmed">
        {one.apart} of 6 apart
      </Text>
      <Badge variant="light" tt="none" radius="sm" color={one.decided ? "green" : "orange"}>
        {one.decided ? "Decided" : "Open"}
      </Badge>
      <Text span size="sm" c="dimmed">
        <Time iso={one.since} relative />
      </Text>
    </Link>
  );
}

/** The way back to the list. */
export function BackToList({ campaign }: { campaign: string }) {
  return (
    <Group>
      <Anchor
        size="sm"
        underline="always"
        renderRoot={(props) => (
          <Link
            {...props}
            to="/operator/campaigns/$id/work"
            params={{ id: campaign }}
            search={{ tab: "disagreements" }}
          />
        )}
      >
        All disagreements
      </Anchor>
    </Group>
  );
}
