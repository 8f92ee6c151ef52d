import { Container } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { briefQuery } from "../../api/briefs";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { BriefEditor } from "./BriefEditor";

export function BriefPage() {
  const { id } = useParams({ from: "/briefs/$id" });
  const brief = useQuery(briefQuery(id));
  if (brief.isPending) return <Loading label="Loading the brief" />;
  if (brief.data === undefined) {
    return (
      <Container size="sm" py="xl">
        <ErrorNotice error={brief.error} title="The brief can’t be shown" onRetry={() => void brief.refetch()} />
      </Container>
    );
  }
  return <BriefEditor key={brief.data.id} brief={brief.data} />;
}
