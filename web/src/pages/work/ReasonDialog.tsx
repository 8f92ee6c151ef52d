import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

/** Asks for a reason before something that somebody else will notice. */
export function ReasonDialog(props: {
  opened: boolean;
  title: string;
  lead: ReactNode;
  label: string;
  action: string;
  pending: boolean;
  onClose: () => void;
  onSend: (reason: string) => void;
}) {
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setMissing(true);
    props.onSend(reason.trim());
  };
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={<b>{props.title}</b>}>
      <form onSubmit={send} noValidate>
        <Stack>
          <Text size="sm">{props.lead}</Text>
          <Textarea
            label={props.label}
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
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={props.pending}>
              {props.action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
