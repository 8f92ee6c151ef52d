import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useRegisterQuestion } from "../../../api/evidence";
import type { Question } from "../../../api/evidence-types";
import { armsQuery } from "../../../api/operator";
import type { Campaign } from "../../../api/types";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Section, Skeleton } from "../parts";
import * as words from "../words";
import { NewerQuestion } from "./NewerQuestion";
import { PlanView } from "./PlanView";
import { QuestionConfirm } from "./QuestionConfirm";
import { QuestionFields } from "./QuestionFields";
import classes from "./QuestionForm.module.css";
import { useQuestionDraft } from "./use-question-draft";
import { faults, wishOf } from "./wish";

interface Props {
  id: string;
  campaign: Campaign;
  /** The registered question that is amended; null when the first one is asked. */
  before: Question | null;
  onDone: () => void;
}

/** Register what the campaign wants to know, with what it would cost shown at every change. */
export function QuestionForm(props: Props) {
  const arms = useQuery(armsQuery(props.id));
  if (arms.data === undefined) {
    if (arms.error) return <ErrorNotice error={arms.error} onRetry={() => void arms.refetch()} />;
    return <Skeleton label="Loading the arms" heights={[560]} />;
  }
  const names = arms.data.map((arm) => arm.name);
  if (names.length < 2) {
    return (
      <Empty title="A question needs two arms">
        This campaign has {names.length === 1 ? "one arm" : "none"}. Add another with <code>marlin arm add</code>; then
        ask which one is better.
      </Empty>
    );
  }
  return <Form {...props} arms={names} />;
}

function Form({ id, campaign, before, onDone, arms }: Props & { arms: string[] }) {
  const { draft, version, restored, put, carry, drop, done } = useQuestionDraft(campaign, before, arms);
  const [tried, setTried] = useState(false);
  const [asking, dialog] = useDisclosure(false);
  const wrong = faults(draft, before !== null);
  const wish = useMemo(() => wishOf(draft), [draft]);
  const [planned] = useDebouncedValue(wish, 400, { leading: true });
  const navigate = useNavigate({ from: "/operator/campaigns/$id/evidence" });
  const register = useRegisterQuestion(id, {
    onMade: done,
    onUnseen: () => {
      dialog.close();
      // Where the first question was being asked there is one now: what was typed stays before whoever typed it.
      void navigate({ search: (now) => ({ ...now, amend: true }) });
    },
  });
  const newer = before !== null && before.version !== version && !register.isPending && !register.isSuccess;
  // Until the person has chosen how to go on, what they would have to mend is not known.
  const shown = tried && !newer;
  const leave = () => {
    drop();
    onDone();
  };
  const settle = (choice: () => void) => () => {
    register.reset();
    setTried(false);
    choice();
  };
  const send = () =>
    wish &&
    register.mutate(
      { ...wish, amends: version, reason: draft.reason.trim() },
      {
        onSuccess: () => {
          dialog.close();
          onDone();
        },
      },
    );
  const ask = () => {
    setTried(true);
    if (Object.keys(wrong).length === 0) dialog.open();
  };
  return (
    <div className={classes.columns}>
      <Section
        title={before ? "Amend the question" : "Register the question"}
        lead={
          before
            ? "Both versions stay, and are shown with every result."
            : "Nothing is decided yet, because nothing was asked. What a campaign wants to know is written down before its answer can be seen."
        }
      >
        <Stack gap="md">
          {restored && (
            <Group gap="sm" role="status">
              <Text size="sm">This is what you had typed before; nothing of it is registered.</Text>
              <Button variant="default" size="xs" onClick={drop}>
                Begin anew
              </Button>
            </Group>
          )}
          <QuestionFields draft={draft} put={put} wrong={wrong} tried={shown} arms={arms} campaign={campaign} />
          {before && (
            <Textarea
              label="Why is it amended?"
              description="Shown with every result."
              withAsterisk
              maxLength={2000}
              value={draft.reason}
              error={shown ? wrong.reason : undefined}
              onChange={(event) => put({ reason: event.currentTarget.value })}
            />
          )}
          {shown && Object.keys(wrong).length > 0 && (
            <Text size="sm" c="red" role="alert">
              {Object.keys(wrong).length === 1
                ? "One field must be mended."
                : `${Object.keys(wrong).length} fields must be mended.`}
            </Text>
          )}
          {newer && (
            <NewerQuestion
              id={id}
              newest={before}
              seen={version}
              axis={words.axisLabel(before.axis, campaign.rubric)}
              onCarry={settle(carry)}
              onDrop={settle(drop)}
            />
          )}
          {register.error && !asking && !newer && (
            <ErrorNotice error={register.error} title="The question was not registered" />
          )}
          <Group>
            <Button onClick={ask} disabled={newer} loading={register.isPending}>
              {before ? "Amend…" : "Register…"}
            </Button>
            {before && (
              <Button variant="default" onClick={leave}>
                Leave it as it is
              </Button>
            )}
          </Group>
        </Stack>
      </Section>
      <div className={classes.beside}>
        <PlanView id={id} wish={planned} current={wish} />
      </div>
      {wish && (
        <QuestionConfirm
          wish={{ ...wish, reason: draft.reason.trim() }}
          axis={words.axisLabel(draft.axis, campaign.rubric)}
          before={before}
          opened={asking}
          pending={register.isPending}
          error={asking ? register.error : null}
          onClose={dialog.close}
          onSend={send}
        />
      )}
    </div>
  );
}
