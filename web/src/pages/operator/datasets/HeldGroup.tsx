import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { type HeldCampaign, type HeldDecision, type HeldValue, useDecideHeld } from "../../../api/held";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { CopyField } from "../../../components/text/CopyField";
import { counted } from "../../../components/text/counted";
import classes from "./Held.module.css";
import { HeldRow } from "./HeldRow";
import { DECIDED, heldMatching } from "./held-words";

const AT_ONCE = 50;

interface Done {
  words: string;
  undo: HeldDecision[];
}

/** A campaign's values: those that wait, then those that were decided on. */
export function HeldGroup({ group, search }: { group: HeldCampaign; search: string }) {
  const decide = useDecideHeld(group.campaign_id);
  const [done, setDone] = useState<Done | null>(null);
  const [most, setMost] = useState(AT_ONCE);
  const region = useRef<HTMLElement>(null);
  const found = heldMatching(group.values, search);
  const waiting = found.filter((one) => one.decision === null);
  const decided = found.filter((one) => one.decision !== null);

  const send = async (values: HeldValue[], decision: HeldValue["decision"]) => {
    const index = waiting.findIndex((one) => one.id === values[0]?.id);
    const after = await decide
      .mutateAsync(values.map((one) => ({ id: one.id, decision, seen_at: one.at })))
      .catch(() => null);
    if (after === null) return setDone(null);
    const now = new Map(after.values.map((one) => [one.id, one.at]));
    const undo = values.map((one) => ({ id: one.id, decision: one.decision, seen_at: now.get(one.id) ?? null }));
    flushSync(() => setDone({ words: `${DECIDED[decision ?? "undecided"]} ${said(values)}.`, undo }));
    // Where the pressed button was, the next value is now; after the last one, what was done.
    const rows = region.current?.querySelectorAll<HTMLElement>("[data-waiting]");
    const next = values.length === 1 && index >= 0 ? rows?.[Math.min(index, rows.length - 1)] : undefined;
    (next ?? region.current?.querySelector<HTMLElement>("[data-done]"))?.focus();
  };
  const takeBack = async () => {
    if (done === null) return;
    const after = await decide.mutateAsync(done.undo).catch(() => null);
    setDone(null);
    if (after !== null) region.current?.focus();
  };

  return (
    <section ref={region} tabIndex={-1} aria-label={group.title} className={classes.group}>
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <div>
            <Title order={2}>
              <bdi>{group.title}</bdi>
            </Title>
            <Text size="sm" c="dimmed">
              {group.undecided === 0
                ? "Nothing waits"
                : `${counted(group.undecided, "value waits", "values wait")} for you`}
              {group.total > group.undecided && ` · ${(group.total - group.undecided).toLocaleString()} decided`}
            </Text>
          </div>
          {waiting.length > 1 && (
            <Button variant="default" loading={decide.isPending} onClick={() => void send(waiting, "redact")}>
              Redact all {waiting.length.toLocaleString()} {search ? "found" : "undecided"}
            </Button>
          )}
        </Group>
        {group.problems.map((problem) => (
          <Alert key={problem} color="red" title="Some of what was held can’t be read">
            {problem}
          </Alert>
        ))}
        {done && (
          <Alert color="green" variant="default" p="sm" role="status">
            <Group justify="space-between" gap="xs">
              <Text size="sm" data-done tabIndex={-1}>
                {done.words}
              </Text>
              <Button size="compact-sm" variant="default" loading={decide.isPending} onClick={() => void takeBack()}>
                Undo
              </Button>
            </Group>
          </Alert>
        )}
        {decide.error && <ErrorNotice error={decide.error} title="Nothing was decided" />}
        {waiting.length > 0 && (
          <ul className={classes.list} aria-label="Waiting for you">
            {waiting.slice(0, most).map((one) => (
              <HeldRow key={one.id} value={one} busy={decide.isPending} onDecide={(said) => void send([one], said)} />
            ))}
          </ul>
        )}
        {waiting.length > most && (
          <Button variant="default" w="fit-content" onClick={() => setMost(most + AT_ONCE)}>
            Show {Math.min(AT_ONCE, waiting.length - most).toLocaleString()} more of {waiting.length.toLocaleString()}
          </Button>
        )}
        {search && found.length === 0 && <Text size="sm">No value here matches.</Text>}
        {decided.length > 0 && (
          <details className={classes.decided}>
            <summary>{counted(decided.length, "decided value")}</summary>
            <ul className={classes.list} aria-label="Decided">
              {decided.slice(0, 200).map((one) => (
                <HeldRow key={one.id} value={one} busy={decide.isPending} onDecide={(said) => void send([one], said)} />
              ))}
            </ul>
          </details>
        )}
        {decided.length > 0 && (
          <CopyField label="Build again with what was decided" value={`marlin dataset build ${group.campaign}`} />
        )}
      </Stack>
    </section>
  );
}

function said(values: HeldValue[]): string {
  const [first] = values;
  return values.length === 1 && first ? `${first.name}, ${first.shown.slice(0, 3)}…` : counted(values.length, "value");
}
