import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { reviewsQuery } from "../../api/reviews";
import type { Comparison } from "../../api/types";
import { Markdown } from "../../components/text/Markdown";

/** What became of a submission, at the top of the panel. */
export function ReviewNotice({ comparison }: { comparison: Comparison }) {
  const decided = comparison.status === "returned" || comparison.status === "accepted";
  const reviews = useQuery({ ...reviewsQuery(comparison.id), enabled: decided });
  const latest = [...(reviews.data ?? [])].sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (comparison.status === "submitted") {
    return (
      <Alert color="violet" title="In review" p="sm">
        <Text size="sm">A reviewer reads it. Nothing for you to do until then.</Text>
      </Alert>
    );
  }
  if (!decided) return null;
  const returned = comparison.status === "returned";
  return (
    <Alert color={returned ? "orange" : "green"} title={returned ? "Returned with comments" : "Accepted"} p="sm">
      {latest?.comments ? <Markdown>{latest.comments}</Markdown> : null}
      {returned && (
        <Text size="sm" mt={4}>
          Change the ratings it is about, then submit again.
        </Text>
      )}
    </Alert>
  );
}
