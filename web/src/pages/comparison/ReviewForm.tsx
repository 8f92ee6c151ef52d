import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useReview } from "../../api/reviews";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { useReviewSink } from "./evidence/prompt-sink";

/** Accept, or return with comments. The comments are kept in this browser until they are sent. */
export function ReviewForm({ comparison }: { comparison: string }) {
  const [comments, setComments, forget] = useLocalStorage({ key: `marlin-review-${comparison}`, defaultValue: "" });
  const review = useReview(comparison);
  const navigate = useNavigate();
  const field = useRef<HTMLTextAreaElement>(null);
  const sink = useReviewSink();
  useEffect(() => (field.current ? sink.enter(field.current) : undefined), [sink]);
  // Awaited, not a callback of mutate(): the queue is read again first, and this form is gone by then.
  const decide = async (decision: "accept" | "return") => {
    const done = await review.mutateAsync({ decision, comments }).catch(() => null); // the form shows the error
    if (done === null) return;
    forget();
    await navigate({ to: "/reviews" });
  };
  const pending = review.isPending ? review.variables.decision : null;
  return (
    <Stack gap="sm">
      <Alert color="violet" title="Your review" p="sm">
        <Text size="sm">
          Do the words fit the diffs, and the points fit the words? You see no more of the sides than the contributor
          did.
        </Text>
      </Alert>
      <Textarea
        ref={field}
        autosize
        maxRows={20}
        label="Comments to the contributor"
        description="Needed when you return it: what must change, and why. “Remark” beside an answer names it here."
        minRows={4}
        value={comments}
        onChange={(event) => setComments(event.currentTarget.value)}
      />
      {review.error && <ErrorNotice error={review.error} title="The review was not recorded" />}
      <Group gap="xs">
        <Button
          variant="default"
          flex="1 0 auto"
          px="sm"
          disabled={comments.trim() === "" || pending === "accept"}
          loading={pending === "return"}
          onClick={() => void decide("return")}
        >
          Return with comments
        </Button>
        <Button
          flex="1 0 auto"
          px="sm"
          disabled={pending === "return"}
          loading={pending === "accept"}
          onClick={() => void decide("accept")}
        >
          Accept
        </Button>
      </Group>
    </Stack>
  );
}
