import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useDispute, useReopen } from "../../../api/reviews";
import type { Comparison, Review } from "../../../api/types";
import { forget, keep, kept } from "../../../autosave/kept";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Markdown } from "../../../components/text/Markdown";
import { ReasonDialog } from "../../work/ReasonDialog";
import { RemarkList } from "./RemarkList";
import classes from "./Remarks.module.css";
import { REASONS } from "./reasons";

/** Why it was rejected, what was said against it, and what can be done now. */
export function RejectionNotice({ comparison, reviews }: { comparison: Comparison; reviews: readonly Review[] }) {
  const latest = reviews[0];
  if (latest === undefined) return null;
  const disputed = comparison.status === "disputed";
  const first = latest.on_dispute ? reviews.find((review) => review.dispute !== null) : undefined;
  return (
    <Alert
      color={disputed ? "violet" : "red"}
      variant="default"
      title={disputed ? "Disputed: somebody else decides" : `Rejected: ${reasonWords(latest)}`}
      p="sm"
    >
      <Stack gap="sm">
        {first && (
          <Exchange
            reviews={[first]}
            mine={comparison.mine}
            last={`A second person has decided: ${reasonWords(latest)}`}
          />
        )}
        {disputed ? <Exchange reviews={[latest]} mine={comparison.mine} /> : <Markdown>{latest.comments}</Markdown>}
        {latest.remarks.length > 0 && <RemarkList comparison={comparison.id} remarks={latest.remarks} />}
        <Text size="sm">{what(comparison, latest)}</Text>
        {(latest.can_dispute || latest.can_reopen) && (
          <Group gap="xs">
            {latest.can_dispute && <DisputeButton comparison={comparison.id} />}
            {latest.can_reopen && <ReopenButton comparison={comparison.id} mine={latest.mine} decision="reject" />}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function what({ mine, status }: Comparison, latest: Review): string {
  if (status === "disputed") {
    if (mine) return "Nothing for you to do until then. It is read by somebody who had no part in the rejection.";
    return latest.mine
      ? "You rejected it, so another reviewer or an operator decides."
      : "Another reviewer or an operator decides.";
  }
  if (!mine) return "It is not paid, and nothing of it counts.";
  return latest.can_dispute
    ? "It is not paid, and nothing of it counts. If this is wrong, say why, once: somebody else reads all of it and decides."
    : "It is not paid, and nothing of it counts. Two people have looked; this is final.";
}

function reasonWords({ reason }: Review): string {
  return reason === null ? "" : REASONS[reason].label;
}

/** A rejection and what its contributor said against it, one below the other. */
export function Exchange(props: { reviews: readonly Review[]; mine: boolean; last?: string }) {
  return (
    <div className={classes.exchange}>
      {props.reviews.map((review) => (
        <div key={review.id}>
          <Text size="xs" c="dimmed">
            {review.mine ? "You" : "The reviewer"}: {reasonWords(review)}
          </Text>
          <Markdown>{review.comments}</Markdown>
          {review.dispute && (
            <>
              <Text size="xs" c="dimmed" mt={6}>
                {props.mine ? "You" : "The contributor"}
              </Text>
              <Markdown>{review.dispute.text}</Markdown>
            </>
          )}
        </div>
      ))}
      {props.last && (
        <Text size="xs" c="dimmed" mt={6}>
          {props.last}
        </Text>
      )}
    </div>
  );
}

const WHAT: Record<Review["decision"], string> = {
  accept: "the acceptance",
  return: "the return",
  reject: "the rejection",
  reopen: "it",
};

export function ReopenButton(props: { comparison: string; mine: boolean; decision: Review["decision"] }) {
  const { comparison, mine, decision } = props;
  const [opened, { open, close }] = useDisclosure(false);
  const reopen = useReopen(comparison);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={mine && reopen.isPending}
        onClick={() => (mine ? reopen.mutate("") : open())}
      >
        Take {WHAT[decision]} back
      </Button>
      {reopen.error && <ErrorNotice error={reopen.error} title="It was not taken back" />}
      <ReasonDialog
        opened={opened}
        title="Take the rejection back?"
        lead="The submission waits for a review again. The contributor and the reviewer read your reason."
        label="Why it was wrong"
        action="Take it back"
        pending={reopen.isPending}
        onClose={close}
        onSend={(reason) => reopen.mutate(reason, { onSettled: close })}
      />
    </>
  );
}

const isText = (value: unknown): value is string => typeof value === "string";

/** Said once, so it is asked about; what is typed is kept in the browser until it is sent. */
function DisputeButton({ comparison }: { comparison: string }) {
  const [opened, { open, close }] = useDisclosure(false);
  const key = `dispute/${comparison}`;
  const [text, setText] = useState(() => kept(key, isText)?.value ?? "");
  const [missing, setMissing] = useState(false);
  const dispute = useDispute(comparison);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return setMissing(true);
    dispute.mutate(text.trim(), { onSuccess: () => forget(key) });
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Dispute this…
      </Button>
      <Modal opened={opened} onClose={close} size="lg" title={<b>Dispute the rejection</b>}>
        <form onSubmit={send} noValidate>
          <Stack>
            <Text size="sm">
              Somebody who had no part in it reads the results, your answers, the reviewer’s words and yours, and
              accepts, returns or rejects the submission. You can do this once, and their word is final.
            </Text>
            <Textarea
              label="Why the rejection is wrong"
              description="Answer what the reviewer saw: where it is in the results, and what shows it."
              value={text}
              onChange={(event) => {
                const next = event.currentTarget.value;
                setText(next);
                keep(key, next);
                setMissing(false);
              }}
              error={missing && "Say why, in a few words."}
              maxLength={20_000}
              autosize
              minRows={5}
              maxRows={16}
              data-autofocus
              required
            />
            {dispute.error && <ErrorNotice error={dispute.error} title="It was not sent" />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Not yet
              </Button>
              <Button type="submit" loading={dispute.isPending}>
                Send the dispute
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
