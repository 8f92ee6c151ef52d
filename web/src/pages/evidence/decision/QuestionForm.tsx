import { Button, Group, Modal, NumberInput, Radio, Select, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useRegisterQuestion } from "../../../api/evidence";
import type { Question, QuestionWish } from "../../../api/evidence-types";
import { armsQuery } from "../../../api/operator";
import type { Campaign } from "../../../api/types";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Section, Skeleton, Warning } from "../parts";
import * as words from "../words";
import { PlanView } from "./PlanView";
import classes from "./QuestionForm.module.css";
import { useQuestionDraft } from "./use-question-draft";
import { CONTROLS, type Control, type Draft, type Field, faults, wishOf } from "./wish";

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
  const { draft, restored, put, drop } = useQuestionDraft(campaign, before, arms);
  const [tried, setTried] = useState(false);
  const [asking, dialog] = useDisclosure(false);
  const wrong = faults(draft, before !== null);
  const wish = useMemo(() => wishOf(draft), [draft]);
  const [planned] = useDebouncedValue(wish, 400, { leading: true });
  const leave = () => {
    drop();
    onDone();
  };
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
          <Fields draft={draft} put={put} wrong={wrong} tried={tried} arms={arms} campaign={campaign} />
          {before && (
            <Textarea
              label="Why is it amended?"
              description="Shown with every result."
              withAsterisk
              maxLength={2000}
              value={draft.reason}
              error={tried ? wrong.reason : undefined}
              onChange={(event) => put({ reason: event.currentTarget.value })}
            />
          )}
          {tried && Object.keys(wrong).length > 0 && (
            <Text size="sm" c="red" role="alert">
              {Object.keys(wrong).length === 1
                ? "One field must be mended."
                : `${Object.keys(wrong).length} fields must be mended.`}
            </Text>
          )}
          <Group>
            <Button onClick={ask}>{before ? "Amend…" : "Register…"}</Button>
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
        <Confirm
          id={id}
          wish={{ ...wish, reason: draft.reason.trim() }}
          axis={words.axisLabel(draft.axis, campaign.rubric)}
          opened={asking}
          amending={before !== null}
          onClose={dialog.close}
          onDone={leave}
        />
      )}
    </div>
  );
}

interface FieldsProps {
  draft: Draft;
  put: (part: Partial<Draft>) => void;
  wrong: Partial<Record<Field, string>>;
  tried: boolean;
  arms: string[];
  campaign: Campaign;
}

function Fields({ draft, put, wrong, tried, arms, campaign }: FieldsProps) {
  const axes = ["overall", ...campaign.rubric.axes.map((axis) => axis.name)];
  const cap =
    wrong.most || draft.most === ""
      ? ""
      : ` At ${words.usd(campaign.price_cents / 100)} each: ${words.usd((Number(draft.most) * campaign.price_cents) / 100)}.`;
  const number = (field: "smallest" | "alpha" | "power" | "most" | "looks" | "contributors" | "icc" | "equal") => ({
    value: draft[field],
    error: wrong[field],
    onChange: (value: number | string) => put({ [field]: value }),
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="First arm"
          description="The one you have"
          data={arms}
          searchable
          allowDeselect={false}
          value={draft.first}
          error={tried || draft.first ? wrong.first : undefined}
          onChange={(first) => put({ first })}
        />
        <Select
          label="Second arm"
          description="The one that may be better"
          data={arms}
          searchable
          allowDeselect={false}
          value={draft.second}
          error={tried || draft.second ? wrong.second : undefined}
          onChange={(second) => put({ second })}
        />
      </SimpleGrid>
      <Select
        label="Axis"
        description="Overall is the preference itself"
        data={axes.map((name) => ({ value: name, label: words.axisLabel(name, campaign.rubric) }))}
        allowDeselect={false}
        value={draft.axis}
        onChange={(axis) => put({ axis: axis ?? "overall" })}
      />
      <NumberInput
        label="Smallest effect of interest"
        description="Of 100 preferences, how many the better arm must get for you to act on it"
        suffix=" %"
        decimalScale={2}
        step={1}
        {...number("smallest")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Error (α)"
          description="Chance of a wrong preference"
          suffix=" %"
          decimalScale={3}
          step={1}
          {...number("alpha")}
        />
        <NumberInput
          label="Power"
          description="Chance of finding the effect"
          suffix=" %"
          decimalScale={2}
          step={5}
          {...number("power")}
        />
      </SimpleGrid>
      <NumberInput
        label="Cap"
        description={`Accepted comparisons, at most; empty: as many as the power needs.${cap}`}
        thousandSeparator=","
        allowDecimal={false}
        step={50}
        {...number("most")}
      />
      <NumberInput
        label="Looks"
        description="How often the rule may stop the campaign, evenly spread"
        allowDecimal={false}
        step={1}
        {...number("looks")}
      />
      <Radio.Group
        label="Directions"
        value={String(draft.sides)}
        onChange={(value) => put({ sides: value === "1" ? 1 : 2 })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="2" label="Which of the two is better?" />
          <Radio value="1" label="Is the second better? (needs fewer; never says that the first is)" />
        </Stack>
      </Radio.Group>
      <Radio.Group
        label="What counts of a vote"
        value={draft.counts}
        onChange={(value) => put({ counts: value === "strength" ? "strength" : "side" })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="side" label="Which side is preferred" />
          <Radio
            value="strength"
            label="How strongly (needs fewer; a few strong preferences can outweigh many slight ones)"
          />
        </Stack>
      </Radio.Group>
      <details>
        <summary className={classes.more}>What is expected of the votes</summary>
        <Stack gap="md" mt="sm">
          <NumberInput
            label="Contributors"
            description="How many will take part; empty: not known"
            allowDecimal={false}
            {...number("contributors")}
          />
          <NumberInput
            label="Likeness of one person’s votes (ICC)"
            description="0: as different as those of two people. Agreement in earlier campaigns tells; 0.05 is common"
            decimalScale={3}
            step={0.01}
            {...number("icc")}
          />
          <NumberInput
            label="Equal verdicts"
            description="Of 100, how many say equal: they tell less"
            suffix=" %"
            decimalScale={1}
            {...number("equal")}
          />
          <Select
            label="Control variate"
            description="Of each pair of results, known from checks: its luck is taken out of the votes’. It helps with pairs that nobody has rated yet, as far as people prefer what has more or less of it"
            data={Object.entries(CONTROLS).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            value={draft.control}
            onChange={(control) => put({ control: (control ?? "none") as Control })}
          />
        </Stack>
      </details>
      <Radio.Group
        label="When it is decided"
        value={draft.whenDecided}
        onChange={(value) => put({ whenDecided: value as QuestionWish["when_decided"] })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="tell" label="Tell me, and go on until I stop it" />
          <Radio value="pause" label="Pause new assignments by itself" />
        </Stack>
      </Radio.Group>
    </>
  );
}

function Confirm(props: {
  id: string;
  wish: QuestionWish;
  axis: string;
  opened: boolean;
  amending: boolean;
  onClose: () => void;
  onDone: () => void;
}) {
  const { id, wish, axis, opened, amending, onClose, onDone } = props;
  const register = useRegisterQuestion(id);
  const send = () =>
    register.mutate(wish, {
      onSuccess: () => {
        onClose();
        onDone();
      },
    });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<b>{amending ? "Amend the question?" : "Register this question?"}</b>}
      size="lg"
    >
      <Stack>
        <Text>{words.questionWords(wish, axis)}</Text>
        <Text size="sm">{words.besideQuestion(wish, wish.control === "none" ? null : CONTROLS[wish.control])}</Text>
        {amending && (
          <Text size="sm">
            <b>Because:</b> {wish.reason}
          </Text>
        )}
        <Warning title="It can’t be changed silently">
          It stays on record with the time and your name. A later change is an amendment: it needs a reason, and every
          version is shown with every result.
        </Warning>
        {register.error && <ErrorNotice error={register.error} title="The question was not registered" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not yet
          </Button>
          <Button onClick={send} loading={register.isPending}>
            {amending ? "Amend the question" : "Register the question"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
