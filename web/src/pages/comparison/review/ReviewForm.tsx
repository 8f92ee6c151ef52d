import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useReview } from "../../../api/reviews";
import { chosen } from "../../../autosave/reconcile";
import type { DraftForm } from "../../../autosave/use-draft";
import { MergeDrafts } from "../../../components/drafts/MergeDrafts";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { SaveState } from "../../../components/feedback/SaveState";
import { RemarkList } from "./RemarkList";
import { placeOfRemark, REVIEW_SHAPE, type ReviewText, reviewDifferences, saidRemarks } from "./review-text";

/** Accept, or return with comments and remarks on single answers. It saves itself until it is sent. */
export function ReviewForm({ comparison, form }: { comparison: string; form: DraftForm<ReviewText> }) {
  const { value, conflict, change } = form;
  const review = useReview(comparison);
  const navigate = useNavigate();
  const remarks = saidRemarks(value);
  const begun = Object.entries(value.remarks);
  // Awaited, not a callback of mutate(): the queue is read again first, and this form is gone by then.
  const decide = async (decision: "accept" | "return") => {
    if (review.isPending) return;
    await form.flush();
    if (form.isHeld()) return;
    const done = await review.mutateAsync({ decision, comments: value.comments, remarks }).catch(() => null);
    if (done === null) return; // the form shows the error
    await navigate({ to: "/reviews", search: { [decision === "accept" ? "accepted" : "returned"]: comparison } });
  };
  const pending = review.isPending ? review.variables.decision : null;
  const says = value.comments.trim() !== "" || remarks.length > 0;
  return (
    <Stack gap="sm">
      <Alert color="violet" title="Your review" p="sm">
        <Text size="sm">
          Do the words fit the diffs, and the points fit the words? You see no more of the sides than the contributor
          did.
        </Text>
      </Alert>
      {conflict && (
        <MergeDrafts
          differences={reviewDifferences(conflict.fields, value, conflict.theirs)}
          onChosen={(choices) =>
            form.resolve(
              REVIEW_SHAPE.join(chosen(REVIEW_SHAPE.split(value), REVIEW_SHAPE.split(conflict.theirs), choices)),
            )
          }
        />
      )}
      <Textarea
        autosize
        maxRows={20}
        label="Comments to the contributor"
        description="On the whole. What is about one answer stands better beside it: choose “Remark” there."
        minRows={4}
        maxLength={20_000}
        value={value.comments}
        onChange={(event) => change({ ...value, comments: event.currentTarget.value })}
      />
      {begun.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {begun.length === 1 ? "1 remark" : `${begun.length} remarks`}
          </Text>
          <RemarkList
            comparison={comparison}
            remarks={begun.map(([key, text]) => ({
              ...placeOfRemark(key),
              ...(text.trim() === "" ? { state: "empty: not sent" } : {}),
            }))}
          />
        </div>
      )}
      {review.error && <ErrorNotice error={review.error} title="The review was not recorded" />}
      <Group gap="xs">
        <Button
          variant="default"
          flex="1 0 auto"
          px="sm"
          disabled={!says || conflict !== null || pending === "accept"}
          loading={pending === "return"}
          onClick={() => void decide("return")}
        >
          Return with comments
        </Button>
        <Button
          flex="1 0 auto"
          px="sm"
          disabled={conflict !== null || pending === "return"}
          loading={pending === "accept"}
          onClick={() => void decide("accept")}
        >
          Accept
        </Button>
      </Group>
      <SaveState state={form.save} />
    </Stack>
  );
}
