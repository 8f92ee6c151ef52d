import { Button, Group, Modal, Radio, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { Reason } from "../../../api/types";
import { counted } from "../../../components/text/counted";
import { REASON_LIST } from "./reasons";

export interface RejectDialogProps {
  opened: boolean;
  /** It was rejected before, and the contributor disputes it. */
  upholds: boolean;
  /** What was given before, where it is upheld. */
  before?: Reason | null;
  /** The review's own comments: the same text as behind the dialog, saved as it is typed. */
  comments: string;
  onComments: (text: string) => void;
  remarks: number;
  pending: boolean;
  error: ReactNode;
  onClose: () => void;
  onReject: (reason: Reason) => void;
}

/** Rejecting is asked about once more: why, in a word that is counted and in words that are read. */
export function RejectDialog(props: RejectDialogProps) {
  const { upholds } = props;
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      size="lg"
      title={<b>{upholds ? "Uphold the rejection?" : "Reject this submission?"}</b>}
    >
      <Asked {...props} />
    </Modal>
  );
}

function Asked(props: RejectDialogProps) {
  const { upholds, comments } = props;
  const [reason, setReason] = useState<Reason | "">(props.before ?? "");
  const [missing, setMissing] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!reason || !comments.trim()) return setMissing(true);
    props.onReject(reason);
  };
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <Text size="sm">
          {upholds
            ? "It stays unpaid, and nothing of it counts. Your word is final: it can’t be disputed again."
            : "It is not paid, and nothing of it counts or is learned from. What can be mended is better returned."}
        </Text>
        <Radio.Group
          label="Why"
          value={reason}
          onChange={(value) => setReason(value as Reason)}
          error={missing && !reason && "Choose one."}
          required
        >
          <Stack gap={8} mt={8}>
            {REASON_LIST.map(([value, { label, means }]) => (
              <Radio key={value} value={value} label={label} description={means} size="sm" />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label="In words"
          description={readers(props)}
          value={comments}
          onChange={(event) => props.onComments(event.currentTarget.value)}
          error={missing && !comments.trim() && "Say what you saw."}
          maxLength={20_000}
          autosize
          minRows={3}
          maxRows={12}
          required
        />
        {props.error}
        <Group justify="space-between" gap="sm">
          <Text size="xs" c="dimmed" flex="1 1 14em">
            {upholds ? "" : "You can take it back until the contributor disputes it."}
          </Text>
          <Group gap="sm">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={props.pending}>
              {upholds ? "Uphold it" : "Reject"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

function readers({ upholds, remarks }: RejectDialogProps): string {
  const beside = remarks === 0 ? "" : remarks === 1 ? ", and your remark" : `, and your ${counted(remarks, "remark")}`;
  const later = upholds ? "" : "; so does whoever decides if they dispute it";
  return `The contributor reads them${beside}${later}. Say what you saw, and where.`;
}
