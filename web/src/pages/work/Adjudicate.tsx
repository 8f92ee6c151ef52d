import { Anchor, Badge, Button, Group, Radio, Stack, Text, Textarea, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import {
  type Adjudication,
  type Judgement,
  type Judgements,
  judgementsQuery,
  type Said,
  useAdjudicate,
} from "../../api/work";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Time } from "../../components/text/Time";
import { VisibleText } from "../../components/text/VisibleText";
import { Section, Skeleton } from "../evidence/parts";
import { BackToList } from "./Disagreements";
import { ReasonDialog } from "./ReasonDialog";
import classes from "./Work.module.css";
import { SAID } from "./words";

/** Judgements of the same results beside one another, and what is decided between them. */
export function Adjudicate({ campaign, item }: { campaign: string; item: string }) {
  const found = useQuery(judgementsQuery(item));
  return (
    <Stack gap="md">
      <BackToList campaign={campaign} />
      {found.data === undefined ? (
        found.error ? (
          <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Skeleton label="Loading the judgements" heights={[120, 420, 240]} />
        )
      ) : (
        <Shown campaign={campaign} item={item} shown={found.data} />
      )}
    </Stack>
  );
}

function Shown({ campaign, item, shown }: { campaign: string; item: string; shown: Judgements }) {
  const adjudicate = useAdjudicate(campaign, item);
  const [returning, setReturning] = useState<Judgement | null>(null);
  const { refusal } = shown;
  return (
    <>
      <Section
        title={shown.title || "What was judged"}
        aside={
          <Button
            variant="default"
            size="xs"
            renderRoot={(props) => (
              <Link {...props} to="/comparisons/$id" params={{ id: shown.comparison_id }} target="_blank" />
            )}
          >
            Open the results (new tab)
          </Button>
        }
      >
        <Text size="sm" className={classes.words}>
          <VisibleText text={shown.prompt} />
        </Text>
      </Section>
      <Section
        title="What people say"
        lead="A and B are the sides of the results as they open above. Whoever saw them the other way round is marked: scores are turned for you, their words are not."
      >
        <div className={classes.judgements}>
          {shown.judgements.map((one, place) => (
            <Opinion
              key={one.comparison_id}
              one={one}
              number={place + 1}
              axes={shown.axes}
              onReturn={!refusal && one.can_send_back ? () => setReturning(one) : undefined}
            />
          ))}
        </div>
      </Section>
      {adjudicate.error && <ErrorNotice error={adjudicate.error} title="Nothing was decided" />}
      {!refusal ? (
        <Decide
          key={shown.adjudications.length}
          pending={adjudicate.isPending}
          before={shown.adjudications.find((one) => one.decision === "label")}
          onDecide={(said, reason) => adjudicate.mutate({ said, reason })}
        />
      ) : (
        <Section title={WITHHELD[refusal.code] ?? "There is nothing to decide now"}>
          <Text size="sm">{refusal.message}</Text>
          {refusal.hint && refusal.code in WITHHELD && (
            <Text size="sm" c="dimmed">
              {refusal.hint}
            </Text>
          )}
        </Section>
      )}
      {shown.adjudications.length > 0 && <History campaign={campaign} item={item} all={shown.adjudications} />}
      <ReasonDialog
        key={returning?.comparison_id ?? "none"}
        opened={returning !== null}
        title="Send this judgement back?"
        lead="Whoever gave it reads your reason, can look at the results again, and submits anew. Say what to look at, not what to say."
        label="What they should look at"
        action="Send it back"
        pending={adjudicate.isPending}
        onClose={() => setReturning(null)}
        onSend={(reason) =>
          returning &&
          adjudicate.mutate({ send_back: returning.comparison_id, reason }, { onSettled: () => setReturning(null) })
        }
      />
    </>
  );
}

/** What to say where somebody else may decide. */
const WITHHELD: Record<string, string> = {
  unblinded: "You don’t decide here",
  "own-work": "You don’t decide here",
};

const TEXTS = [
  ["strengths_a", "Strengths of A"],
  ["weaknesses_a", "Weaknesses of A"],
  ["strengths_b", "Strengths of B"],
  ["weaknesses_b", "Weaknesses of B"],
] as const;

function Opinion(props: { one: Judgement; number: number; axes: string[]; onReturn?: () => void }) {
  const { one, number, axes, onReturn } = props;
  const { answers } = one;
  return (
    <section className={classes.judgement} aria-label={`Judgement ${number}`}>
      <Group justify="space-between" gap="xs">
        <Title order={3} fz="md">
          {number}. {SAID[one.said]}
          {one.said.length === 1 && ` by ${Math.abs(answers.overall ?? 0)} of 3`}
        </Title>
        {onReturn && (
          <Button size="compact-xs" variant="default" onClick={onReturn}>
            Send back<span className="visually-hidden"> judgement {number}</span>
          </Button>
        )}
      </Group>
      {one.swapped && (
        <Badge variant="light" color="grape" tt="none" radius="sm">
          Saw the sides swapped: their “A” is B here
        </Badge>
      )}
      <dl className={classes.scores}>
        {axes.map((axis) => (
          <Score key={axis} axis={axis} score={answers.axes?.[axis] ?? null} decided={axis === answers.key_axis} />
        ))}
      </dl>
      <Text size="sm" className={classes.words}>
        <VisibleText text={answers.justification ?? ""} />
      </Text>
      {TEXTS.filter(([name]) => answers[name]).map(([name, label]) => (
        <Text size="sm" key={name} className={classes.words}>
          <b>{label}: </b>
          <VisibleText text={answers[name] ?? ""} />
        </Text>
      ))}
      <Text size="xs" c="dimmed">
        <Time iso={one.given_at} />
      </Text>
    </section>
  );
}

function Score({ axis, score, decided }: { axis: string; score: number | null; decided: boolean }) {
  const words = score === null ? "not said" : score === 0 ? "equal" : `${score < 0 ? "A" : "B"} by ${Math.abs(score)}`;
  return (
    <>
      <dt>{axis}</dt>
      <dd>
        {words}
        {decided && <b> · decided</b>}
      </dd>
    </>
  );
}

function Decide(props: { before?: Adjudication; pending: boolean; onDecide: (said: Said, reason: string) => void }) {
  const [said, setSaid] = useState<Said | "">(props.before?.said ?? "");
  const [reason, setReason] = useState(props.before?.reason ?? "");
  const [missing, setMissing] = useState<{ said?: boolean; reason?: boolean }>({});
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!said || !reason.trim()) return setMissing({ said: !said, reason: !reason.trim() });
    props.onDecide(said, reason.trim());
  };
  return (
    <Section
      title={props.before ? "The label of record" : "Decide"}
      lead="The label of record goes with every judgement of these results into what is exported. Nobody’s judgement or pay changes. Another label later is kept beside this one, and counts instead."
    >
      <form onSubmit={send} noValidate>
        <Stack maw="62em">
          <Radio.Group
            label="What is right"
            value={said}
            onChange={(value) => {
              setSaid(value as Said);
              setMissing((before) => ({ ...before, said: false }));
            }}
            error={missing.said && "Choose one."}
            required
          >
            <Group gap="lg" mt={6}>
              {Object.entries(SAID).map(([value, label]) => (
                <Radio key={value} value={value} label={label} />
              ))}
            </Group>
          </Radio.Group>
          <Textarea
            label="Why"
            description="What in the results shows it; others will read this when they wonder."
            value={reason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
              setMissing((before) => ({ ...before, reason: false }));
            }}
            error={missing.reason && "Say why, in a few words."}
            maxLength={5000}
            autosize
            minRows={3}
            required
          />
          <Group>
            <Button type="submit" loading={props.pending}>
              {props.before ? "Decide anew" : "Decide"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function History({ campaign, item, all }: { campaign: string; item: string; all: Adjudication[] }) {
  const label = all.find((one) => one.decision === "label");
  return (
    <Section
      title="What was decided"
      aside={
        (label?.said === "A" || label?.said === "B") && (
          <Anchor
            size="sm"
            underline="always"
            renderRoot={(props) => (
              <Link
                {...props}
                to="/operator/campaigns/$id/work"
                params={{ id: campaign }}
                search={{ tab: "gold", item }}
              />
            )}
          >
            Make it a gold task
          </Anchor>
        )
      }
    >
      <ul className={classes.list}>
        {all.map((one) => (
          <li key={one.created_at}>
            <Text size="sm">
              <b>{one.decision === "label" ? SAID[one.said as Said] : "One judgement was sent back"}</b>
              <Text span c="dimmed" size="sm">
                {" "}
                · <Time iso={one.created_at} />
              </Text>
            </Text>
            <Text size="sm" className={classes.words}>
              <VisibleText text={one.reason} />
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}
