import { Button, Group } from "@mantine/core";
import { CitedTextarea } from "../evidence/CitedTextarea";
import { useReviewWriting } from "./ReviewProvider";
import { remarkKey } from "./review-text";

/** For a reviewer, beside an answer: begin a remark on it. */
export function RemarkButton({ turn, field, label }: { turn: number; field: string; label: string }) {
  const writing = useReviewWriting();
  if (writing === null) return null;
  const key = remarkKey(turn, field);
  const { value, change } = writing;
  if (key in value.remarks) return null;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      aria-label={`Remark on ${label}`}
      onClick={() => change({ ...value, remarks: { ...value.remarks, [key]: "" } })}
    >
      Remark
    </Button>
  );
}

/** Below an answer: the remark on it while it is written. Cites like a justification does. */
export function RemarkField({ turn, field, label }: { turn: number; field: string; label: string }) {
  const writing = useReviewWriting();
  const key = remarkKey(turn, field);
  const text = writing?.value.remarks[key];
  if (writing === null || text === undefined) return null;
  const { value, change } = writing;
  const put = (next: string) => change({ ...value, remarks: { ...value.remarks, [key]: next } });
  const remove = () => {
    const { [key]: _, ...remarks } = value.remarks;
    change({ ...value, remarks });
  };
  return (
    <div>
      <CitedTextarea
        name={`remark:${key}`}
        preferred
        size="xs"
        mt={4}
        label={`Your remark on ${label}`}
        placeholder="What must change here, and why? Cite lines and steps by a click on them."
        minRows={2}
        maxRows={12}
        autoFocus={text === ""}
        limit={8000}
        value={text}
        onChange={(event) => put(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt={2}>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          aria-label={`Remove the remark on ${label}`}
          onClick={remove}
        >
          Remove
        </Button>
      </Group>
    </div>
  );
}
