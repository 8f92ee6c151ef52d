import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { briefQuery } from "../../api/briefs";
import { RefusedPage } from "../../components/layout/RefusedPage";

import { BriefEditor } from "./BriefEditor";
import { BriefSkeleton } from "./BriefSkeleton";

export function BriefPage() {
  const { id } = useParams({ from: "/briefs/$id" });
  const brief = useQuery(briefQuery(id));
  if (brief.isPending) return <BriefSkeleton />;
  if (brief.data === undefined) {
    const retry = () => void brief.refetch();
    return <RefusedPage title="Brief" failure="The brief can’t be shown" error={brief.error} onRetry={retry} />;
  }
  return <BriefEditor key={brief.data.id} brief={brief.data} />;
}
