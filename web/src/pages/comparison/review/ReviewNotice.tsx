import { Alert, Anchor, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { reviewsQuery } from "../../../api/reviews";
import type { Comparison, Remark, Review } from "../../../api/types";
import { counted } from "../../../components/text/counted";
import { Markdown } from "../../../components/text/Markdown";
import { RejectionNotice, ReopenButton } from "./Rejection";
import { RemarkList } from "./RemarkList";
import { stateWords } from "./RemarkNote";

/** By what was decided before. */
const TAKEN_BACK: Record<Review["decision"], string> = {
  accept: "An acceptance of this was taken back.",
  return: "A return of this was taken back.",
  reject: "A rejection of this was taken back.",
  reopen: "What was decided on this was taken back.",
};

/** What became of a submission, at the top of the panel, with the ways to what was remarked on. */
export function ReviewNotice({ comparison }: { comparison: Comparison }) {
  const rejected = comparison.status === "rejected" || comparison.status === "disputed";
  const decided = rejected || comparison.status === "returned" || comparison.status === "accepted";
  const reviews = useQuery({ ...reviewsQuery(comparison.id), enabled: decided || comparison.status === "submitted" });
  const latest = reviews.data?.[0];
  if (comparison.status === "submitted") {
    return (
      <Alert color="violet" title="In review" p="sm">
        <Text size="sm">
          {latest?.decision === "reopen" && `${TAKEN_BACK[reviews.data?.[1]?.decision ?? "reopen"]} `}A reviewer reads
          it. Nothing for you to do until then.
          {comparison.mine && (
            <>
              {" "}
              <Anchor inherit underline="always" renderRoot={(props) => <Link {...props} to="/" />}>
                Back to your tasks
              </Anchor>
            </>
          )}
        </Text>
        {latest?.decision === "reopen" && latest.comments && <Markdown>{latest.comments}</Markdown>}
      </Alert>
    );
  }
  if (!decided) return null;
  if (rejected) return <RejectionNotice comparison={comparison} reviews={reviews.data ?? []} />;
  const returned = comparison.status === "returned";
  const remarks = latest?.remarks ?? [];
  return (
    <Alert
      color={returned ? "orange" : "green"}
      variant="default"
      title={returned ? "Changes requested" : "Accepted"}
      p="sm"
    >
      {latest?.on_dispute && (
        <Text size="sm">
          {comparison.mine ? "Your dispute was decided by somebody else." : "Decided after a dispute."}
        </Text>
      )}
      {latest?.comments ? <Markdown>{latest.comments}</Markdown> : null}
      {remarks.length > 0 && (
        <>
          <Text size="sm" mt={4} role="status">
            {countWords(remarks)}
          </Text>
          <RemarkList
            comparison={comparison.id}
            remarks={remarks.map((remark) => ({ ...remark, state: stateWords(remark) }))}
          />
        </>
      )}
      {returned && comparison.mine && (
        <Text size="sm" mt={6}>
          {remarks.length > 0 && openOf(remarks) === 0
            ? "Submit it again when you are content with it."
            : "Change the answers that this is about, then submit again."}
        </Text>
      )}
      {latest && <TakeBack comparison={comparison.id} latest={latest} />}
    </Alert>
  );
}

/** For whoever decided: the way back, or why there is none any more. */
function TakeBack({ comparison, latest }: { comparison: string; latest: Review }) {
  if (latest.can_reopen)
    return (
      <Group gap="xs" mt="sm">
        <ReopenButton comparison={comparison} mine={latest.mine} decision={latest.decision} />
      </Group>
    );
  if (latest.kept_because === null) return null;
  return (
    <Text size="xs" c="dimmed" mt="sm">
      You can’t take this back: {latest.kept_because.charAt(0).toLowerCase() + latest.kept_because.slice(1)}
    </Text>
  );
}

function openOf(remarks: readonly Remark[]): number {
  return remarks.filter((remark) => !remark.resolved && !remark.final).length;
}

function countWords(remarks: readonly Remark[]): string {
  const all = `${counted(remarks.length, "remark")} on your answers`;
  const open = openOf(remarks);
  if (remarks.length === 1) return open === 1 ? `${all}:` : `${all}, answered:`;
  return open === 0 ? `${all}, all answered:` : `${all}, ${open} still open:`;
}
