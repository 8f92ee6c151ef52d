import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type Decision, reviewsQuery, useReview } from "../../../api/reviews";
import { useRoles } from "../../../api/session";
import type { Comparison, Reason } from "../../../api/types";
import { chosen } from "../../../autosave/reconcile";
import type { DraftForm } from "../../../autosave/use-draft";
import { MergeDrafts } from "../../../components/drafts/MergeDrafts";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { SaveState } from "../../../components/feedback/SaveState";
import { counted } from "../../../components/text/counted";
import { RejectDialog } from "./RejectDialog";
import { Exchange } from "./Rejection";
import { RemarkList } from "./RemarkList";
import classes from "./Remarks.module.css";
import { placeOfRemark, REVIEW_SHAPE, type ReviewText, reviewDifferences, saidRemarks } from "./review-text";

const DONE = { accept: "accepted", return: "returned", reject: "rejected" } as const;

/** Accept, return with comments and remarks on single answers, or reject. It saves itself until it is sent. */
export function ReviewForm({ comparison, form }: { comparison: Comparison; form: DraftForm<ReviewText> }) {
  const { value, conflict, change } = form;
  const { id } = comparison;
  const disputed = comparison.status === "disputed";
  const review = useReview(id);
  const navigate = useNavigate();
  const reviewer = useRoles().includes("reviewer");
  const rejection = useQuery({ ...reviewsQuery(id), enabled: disputed }).data?.[0];
  const [rejecting, { open, close }] = useDisclosure(false);
  const remarks = saidRemarks(value);
  const begun = Object.entries(value.remarks);
  // Awaited, not a callback of mutate(): the queue is read again first, and this form is gone by then.
  const decide = async (decision: Decision["decision"], reason?: Reason) => {
    if (review.isPending) return;
    await form.flush();
    if (form.isHeld()) return close();
    const body = { decision, comments: value.comments, remarks, ...(reason ? { reason } : {}) };
    const done = await review.mutateAsync(body).catch(() => null);
    if (done === null) return; // the form shows the error
    // An operator who decides a dispute has no queue to go back to: what was decided stands here.
    if (reviewer) await navigate({ to: "/reviews", search: { [DONE[decision]]: id } });
  };
  const pending = review.isPending ? review.variables.decision : null;
  const says = value.comments.trim() !== "" || remarks.length > 0;
  const off = (what: Decision["decision"]) => conflict !== null || (pending !== null && pending !== what);
  const failed = review.error && <ErrorNotice error={review.error} title="The review was not recorded" />;
  return (
    <Stack gap="sm">
      <Alert color="violet" title={disputed ? "A disputed rejection: you decide" : "Your review"} p="sm">
        <Text size="sm">
          {disputed
            ? "Read both, then look at the results and the answers yourself. Your word is final."
            : "Do the words fit the diffs, and the points fit the words? You see no more of the sides than the contributor did."}
        </Text>
        {rejection?.dispute && <Exchange reviews={[rejection]} mine={false} />}
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
            {counted(begun.length, "remark")}
          </Text>
          <RemarkList
            comparison={id}
            remarks={begun.map(([key, text]) => ({
              ...placeOfRemark(key),
              ...(text.trim() === "" ? { state: "empty: not sent" } : {}),
            }))}
          />
        </div>
      )}
      {!rejecting && failed}
      <Group gap="xs">
        <Button
          variant="default"
          flex="1 0 auto"
          px="sm"
          disabled={!says || off("return")}
          loading={pending === "return"}
          onClick={() => void decide("return")}
        >
          Return with comments
        </Button>
        <Button
          flex="1 0 auto"
          px="sm"
          disabled={off("accept")}
          loading={pending === "accept"}
          onClick={() => void decide("accept")}
        >
          {disputed ? "Accept after all" : "Accept"}
        </Button>
      </Group>
      <div className={classes.reject}>
        <SaveState state={form.save} />
        <Button size="compact-sm" variant="subtle" color="red" ml="auto" disabled={off("reject")} onClick={open}>
          {disputed ? "Uphold the rejection…" : "Reject…"}
        </Button>
      </div>
      <RejectDialog
        opened={rejecting}
        upholds={disputed}
        before={rejection?.reason}
        comments={value.comments}
        onComments={(comments) => change({ ...value, comments })}
        remarks={remarks.length}
        pending={pending === "reject"}
        error={failed}
        onClose={close}
        onReject={(reason) => void decide("reject", reason)}
      />
    </Stack>
  );
}
