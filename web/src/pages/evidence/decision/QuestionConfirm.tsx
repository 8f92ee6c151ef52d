import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import type { Question, QuestionWish } from "../../../api/evidence-types";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Warning } from "../parts";
import * as words from "../words";
import { changes } from "./changes";
import { CONTROLS } from "./wish";

interface Props {
  wish: QuestionWish;
  axis: string;
  /** The version that is amended; null when the first question is asked. */
  before: Question | null;
  opened: boolean;
  pending: boolean;
  error: unknown;
  onClose: () => void;
  onSend: () => void;
}

/** All that will stay on record, before it does. */
export function QuestionConfirm({ wish, axis, before, opened, pending, error, onClose, onSend }: Props) {
  const different = before && changes(wish, before);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<b>{before ? "Amend the question?" : "Register this question?"}</b>}
      size="lg"
    >
      <Stack>
        <Text>{words.questionWords(wish, axis)}</Text>
        <Text size="sm">{words.besideQuestion(wish, wish.control === "none" ? null : CONTROLS[wish.control])}</Text>
        {before && different && (
          <div>
            <Text size="sm">
              <b>Different from version {before.version}:</b>
              {different.length === 0 && " nothing but the reason."}
            </Text>
            <List size="sm">
              {different.map((one) => (
                <List.Item key={one}>{one}</List.Item>
              ))}
            </List>
            <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
              <b>Because:</b> {wish.reason}
            </Text>
          </div>
        )}
        <Warning title="It can’t be changed silently">
          It stays on record with the time and your name. A later change is an amendment: it needs a reason, and every
          version is shown with every result.
        </Warning>
        {error != null && <ErrorNotice error={error} title="The question was not registered" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not yet
          </Button>
          <Button onClick={onSend} loading={pending}>
            {before ? "Amend the question" : "Register the question"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
