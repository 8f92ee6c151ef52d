import { Button, Checkbox, Group, NumberInput, Select, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { assignmentsQuery } from "../../api/operator";
import { type Assignments, type Policy, useChangePolicy } from "../../api/work";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { counted } from "../../components/text/counted";
import { Section, Skeleton } from "../evidence/parts";
import { dollars } from "../home/money";
import { changed, PARTS, type Part, shownValue, storedValue } from "./policy";
import classes from "./Work.module.css";

/** Who does what next, as rules. */
export function PolicyForm({ campaign, priceCents }: { campaign: string; priceCents: number }) {
  const found = useQuery(assignmentsQuery(campaign));
  if (found.data === undefined)
    return found.error ? (
      <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
    ) : (
      <Skeleton label="Loading the policy" heights={[520]} />
    );
  return <Form campaign={campaign} priceCents={priceCents} work={found.data} />;
}

function Form({ campaign, priceCents, work }: { campaign: string; priceCents: number; work: Assignments }) {
  const change = useChangePolicy(campaign);
  const [edited, setEdited] = useState<Partial<Policy>>({});
  const [missing, setMissing] = useState(false);
  const policy: Policy = { ...work.policy, ...edited };
  const set = (part: Partial<Policy>) => setEdited((before) => ({ ...before, ...part }));
  const difference = changed(work.policy, edited);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (policy.paused && !policy.pause_reason?.trim()) return setMissing(true);
    change.mutate(difference, { onSuccess: () => setEdited({}) });
  };
  return (
    <form onSubmit={send} noValidate>
      <Section
        title="Who does what next"
        lead={`Changes hold from the next assignment on; what has begun keeps its terms. So far ${counted(work.originals, "task")} of people’s own, and ${work.repeats} judged again.`}
      >
        {change.error && <ErrorNotice error={change.error} title="The policy was not changed" />}
        <div className={classes.fields}>
          {PARTS.map((part) => (
            <Field key={part.name} part={part} policy={policy} priceCents={priceCents} onChange={set} />
          ))}
          <Select
            label="Which results are judged again"
            description="Votes asked for by evidence are left out of rankings and agreement"
            allowDeselect={false}
            value={policy.overlap_by}
            onChange={(value) => set({ overlap_by: value as Policy["overlap_by"] })}
            data={[
              { value: "chance", label: "Any alike" },
              { value: "evidence", label: "Half where they tell most" },
            ]}
          />
          <Select
            label="Which arms meet"
            description="With three arms and more; every draw stays random and on record"
            allowDeselect={false}
            value={policy.pairs_by}
            onChange={(value) => set({ pairs_by: value as Policy["pairs_by"] })}
            data={[
              { value: "chance", label: "All pairs alike" },
              { value: "evidence", label: "Open orders more often" },
            ]}
          />
        </div>
        <Stack gap="sm" maw="62em">
          <Checkbox
            label="A task begins only when it is assigned"
            checked={policy.required ?? false}
            onChange={(event) => set({ required: event.currentTarget.checked })}
          />
          <Checkbox
            label="Hand out nothing new for now"
            checked={policy.paused ?? false}
            onChange={(event) => set({ paused: event.currentTarget.checked })}
          />
          {policy.paused && (
            <Textarea
              label="What contributors are told"
              value={policy.pause_reason}
              onChange={(event) => {
                set({ pause_reason: event.currentTarget.value });
                setMissing(false);
              }}
              error={missing && "Say why, in a few words."}
              maxLength={500}
              autosize
              minRows={2}
              required
            />
          )}
        </Stack>
        <Group>
          <Button type="submit" loading={change.isPending} disabled={Object.keys(difference).length === 0}>
            Change the policy
          </Button>
          <Button
            variant="default"
            disabled={Object.keys(difference).length === 0}
            onClick={() => {
              setEdited({});
              setMissing(false);
            }}
          >
            Undo
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {Object.keys(difference).length === 0
              ? change.isSuccess
                ? "Changed."
                : ""
              : `${Object.keys(difference).length} changed, not sent yet. What others change meanwhile stays.`}
          </Text>
        </Group>
      </Section>
    </form>
  );
}

function Field(props: { part: Part; policy: Policy; priceCents: number; onChange: (change: Partial<Policy>) => void }) {
  const { part, policy, priceCents, onChange } = props;
  const empty = part.name === "overlap_price_cents" ? `${dollars(priceCents)}, as for a task` : part.empty;
  return (
    <NumberInput
      label={part.label}
      description={part.description}
      value={shownValue(part, policy)}
      placeholder={empty}
      min={part.min}
      max={part.max}
      suffix={part.suffix}
      prefix={part.prefix}
      decimalScale={part.decimals ?? 0}
      thousandSeparator=","
      clampBehavior="blur"
      onChange={(value) => onChange(storedValue(part, value))}
    />
  );
}
