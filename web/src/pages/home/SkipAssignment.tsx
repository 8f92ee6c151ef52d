import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { useSkip } from "../../api/assignments";
import type { Assignment } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";

export function SkipAssignment({ campaignId, assignment }: { campaignId: string; assignment: Assignment }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const skip = useSkip(campaignId);
  const begun = assignment.status === "begun";
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setMissing(true);
    skip.mutate({ id: assignment.id, reason }, { onSuccess: close });
  };
  return (
    <>
      <Button variant="subtle" color="gray" onClick={open}>
        {begun ? "Give it back" : "Skip"}
      </Button>
      <Modal opened={opened} onClose={close} title={<b>{begun ? "Give this back?" : "Skip this?"}</b>}>
        <form onSubmit={send} noValidate>
          <Stack>
            <Text size="sm">
              {assignment.kind === "own"
                ? "Your briefs are kept. You can ask what is next at once."
                : "Somebody else will judge these results; you won’t be asked to judge them again. You can ask what is next at once."}
              {begun && " What you have written is kept, and nobody is paid for it."}
            </Text>
            <Textarea
              label="Why?"
              description="Only operators read it. “I wrote this module”, “I don’t know this language”: it helps them to assign better."
              value={reason}
              onChange={(event) => {
                setReason(event.currentTarget.value);
                setMissing(false);
              }}
              error={missing && "Say why, in a few words."}
              maxLength={2000}
              autosize
              minRows={2}
              data-autofocus
              required
            />
            {skip.error && <ErrorNotice error={skip.error} title="It was not given back" />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Keep it
              </Button>
              <Button type="submit" loading={skip.isPending}>
                {begun ? "Give it back" : "Skip it"}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
