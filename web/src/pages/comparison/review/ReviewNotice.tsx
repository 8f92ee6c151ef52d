import { Alert, Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { reviewsQuery } from "../../../api/reviews";
import type { Comparison, Remark } from "../../../api/types";
import { Markdown } from "../../../components/text/Markdown";
import { RejectionNotice } from "./Rejection";
import { RemarkList } from "./RemarkList";
import { stateWords } from "./RemarkNote";

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
          {latest?.decision === "reopen" && "A rejection of this was taken back. "}A reviewer reads it. Nothing for you
          to do until then.
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
      {returned && (
        <Text size="sm" mt={6}>
          {remarks.length > 0 && openOf(remarks) === 0
            ? "Submit it again when you are content with it."
            : "Change the answers that this is about, then submit again."}
        </Text>
      )}
    </Alert>
  );
}

function openOf(remarks: readonly Remark[]): number {
  return remarks.filter((remark) => !remark.resolved && !remark.final).length;
}

function countWords(remarks: readonly Remark[]): string {
  const all = remarks.length === 1 ? "1 remark on your answers" : `${remarks.length} remarks on your answers`;
  const open = openOf(remarks);
  if (remarks.length === 1) return open === 1 ? `${all}:` : `${all}, answered:`;
  return open === 0 ? `${all}, all answered:` : `${all}, ${open} still open:`;
}
