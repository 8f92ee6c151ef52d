import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { assignmentQuery, useAsk, useBegin } from "../../api/assignments";
import type { Assignment, CampaignSummary, Category } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CATEGORY } from "../../components/feedback/status";
import { dollars } from "./money";
import classes from "./NextForYou.module.css";
import { SkipAssignment } from "./SkipAssignment";

export interface NextForYouProps {
  campaign: CampaignSummary;
  /** Ways to begin a task of one's own. */
  own: () => ReactNode;
}

/** What the campaign wants from this person now: nothing yet, a task of their own, or results to judge. */
export function NextForYou({ campaign, own }: NextForYouProps) {
  const current = useQuery(assignmentQuery(campaign.id));
  const ask = useAsk(campaign.id);
  // A campaign must be usable while this can't be told: the service refuses by itself what it has to.
  if (current.isPending) return <Group gap="xs">{own()}</Group>;
  if (current.error)
    return (
      <Stack gap="sm">
        <ErrorNotice
          error={current.error}
          title="What is next for you can’t be told now"
          onRetry={() => void current.refetch()}
        />
        <Group gap="xs">{own()}</Group>
      </Stack>
    );
  const { assignment, refusal, required, judge_price_cents } = current.data;
  if (assignment?.kind === "judge") return <ToJudge campaign={campaign} assignment={assignment} />;
  if (assignment)
    return (
      <Held assignment={assignment} campaign={campaign} title="Next for you: a task of your own" actions={own()}>
        Choose a repository you know, write down what should change, and compare what two agents make of it.
      </Held>
    );
  if (refusal)
    return (
      <Alert color="gray" variant="light" title="Nothing new for you here now">
        <Text size="sm">{refusal.message}</Text>
        {refusal.hint && (
          <Text size="sm" mt={4}>
            {refusal.hint}
          </Text>
        )}
      </Alert>
    );
  return (
    <Stack gap="xs">
      {ask.error && <ErrorNotice error={ask.error} title="Nothing was assigned" />}
      <Group gap="xs">
        <Button variant={required ? "filled" : "default"} loading={ask.isPending} onClick={() => ask.mutate()}>
          What is next for me?
        </Button>
        {!required && own()}
      </Group>
      <Text size="xs" c="dimmed">
        {required
          ? `You get one thing at a time: a task of your own, or results to judge that are there already (${dollars(judge_price_cents)}).`
          : `Sometimes another contributor’s results need a second pair of eyes (${dollars(judge_price_cents)}): ask what is next.`}
      </Text>
    </Stack>
  );
}

function ToJudge({ campaign, assignment }: { campaign: CampaignSummary; assignment: Assignment }) {
  const begin = useBegin(campaign.id);
  const navigate = useNavigate();
  if (assignment.status === "begun" && assignment.comparison_id)
    return (
      <Held
        assignment={assignment}
        campaign={campaign}
        title={`You are judging “${assignment.title}”`}
        actions={
          <Button
            renderRoot={(props) => (
              <Link to="/comparisons/$id" params={{ id: assignment.comparison_id ?? "" }} {...props} />
            )}
          >
            Go on
          </Button>
        }
      >
        Rate its first turn and submit. Then you can ask what is next.
      </Held>
    );
  return (
    <Held
      assignment={assignment}
      campaign={campaign}
      title={`Next for you: judge “${assignment.title}”`}
      error={begin.error && <ErrorNotice error={begin.error} title="It did not begin" />}
      actions={
        <Button
          loading={begin.isPending}
          onClick={() =>
            begin.mutate(assignment.id, {
              onSuccess: (begun) =>
                void navigate({ to: "/comparisons/$id", params: { id: begun.comparison_id ?? "" } }),
            })
          }
        >
          Begin to judge
        </Button>
      }
    >
      {CATEGORY[assignment.category as Category]} · Two agents have done this task. You see their two results, with
      sides drawn anew and nothing of what was said about them, and judge one turn. That results are judged more than
      once shows how far judgements agree; if you have seen these before, judge them as if you had not.
    </Held>
  );
}

interface HeldProps {
  assignment: Assignment;
  campaign: CampaignSummary;
  title: string;
  children: ReactNode;
  actions: ReactNode;
  error?: ReactNode;
}

function Held({ assignment, campaign, title, children, actions, error }: HeldProps) {
  return (
    <section className={classes.held} aria-label="Next for you">
      <Group justify="space-between" align="baseline" gap="sm">
        <Text fw={600} className={classes.title}>
          {title}
        </Text>
        <Text fw={700}>{dollars(assignment.price_cents)}</Text>
      </Group>
      <Text size="sm">{children}</Text>
      {error}
      <Group gap="xs">
        {actions}
        <SkipAssignment campaignId={campaign.id} assignment={assignment} />
      </Group>
      {assignment.status === "held" && (
        <Text size="xs" c="dimmed">
          Kept for you until {clock(assignment.held_until)}
          {assignment.kind === "own"
            ? ", and longer while you work on your brief."
            : "; then somebody else may get it."}
        </Text>
      )}
    </section>
  );
}

function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
