import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useDeleteBrief } from "../../api/briefs";
import type { Brief } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";

export function DeleteBrief({ brief }: { brief: Brief }) {
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useDeleteBrief();
  const title = brief.title || "Untitled brief";
  return (
    <>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={open} aria-label={`Delete “${title}”`}>
        Delete
      </Button>
      <Modal opened={opened} onClose={close} title={<b>Delete this draft?</b>}>
        <Stack>
          <Text size="sm">“{title}” and all that is written in it will be gone for good.</Text>
          {remove.error && <ErrorNotice error={remove.error} title="The draft was not deleted" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Keep it
            </Button>
            <Button
              color="red"
              loading={remove.isPending}
              onClick={() => remove.mutate(brief.id, { onSuccess: close })}
            >
              Delete
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
