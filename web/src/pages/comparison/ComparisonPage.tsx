import { Container } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { comparisonQuery, isShown, isWorking } from "../../api/comparisons";
import { openingTurn } from "../../api/first-patches";
import { ratingsQuery } from "../../api/ratings";
import type { Comparison } from "../../api/types";
import { Empty } from "../../components/feedback/Empty";
import { useTitle } from "../../components/layout/Page";
import { RefusedPage } from "../../components/layout/RefusedPage";
import { goOn } from "../../opening";
import { ComparisonHeader } from "./ComparisonHeader";
import { ComparisonSkeleton } from "./ComparisonSkeleton";
import { ResultsView } from "./ResultsView";
import { StoppedView } from "./StoppedView";
import { useFollowLog } from "./use-follow-log";
import { useReadyNotice } from "./use-ready-notice";
import { WorkingView } from "./WorkingView";

export function ComparisonPage() {
  const { id } = useParams({ from: "/comparisons/$id" });
  const comparison = useQuery(comparisonQuery(id));
  useTitle(comparison.isPending ? "Comparison" : null);
  const refused = !comparison.isPending && comparison.data === undefined;
  useEffect(() => {
    if (refused) goOn();
  }, [refused]);
  if (comparison.isPending) return <ComparisonSkeleton />;
  if (comparison.data === undefined) {
    return (
      <RefusedPage
        title="Comparison"
        failure="The comparison can’t be shown"
        error={comparison.error}
        onRetry={() => void comparison.refetch()}
      />
    );
  }
  return <Loaded key={id} comparison={comparison.data} />;
}

function Loaded({ comparison }: { comparison: Comparison }) {
  const search = useSearch({ from: "/comparisons/$id" });
  const ratings = useQuery(ratingsQuery(comparison.id));
  const turn = openingTurn(comparison, search.turn);
  useReadyNotice(comparison, turn);
  const opensChanges = turn !== undefined && isShown(turn) && (search.view ?? "changes") === "changes";
  useEffect(() => {
    if (!opensChanges) goOn();
  }, [opensChanges]);
  // A running turn's page follows the log by itself, transcripts and all.
  useFollowLog(comparison.id, !(turn !== undefined && isWorking(turn)));
  const header = <ComparisonHeader comparison={comparison} ratings={ratings.data} turn={turn?.number ?? 0} />;
  if (turn !== undefined && isShown(turn)) {
    const preferred = ratings.data?.turns[String(turn.number)]?.rating?.preferred ?? null;
    return <ResultsView header={header} comparison={comparison} turn={turn} preferred={preferred} />;
  }
  if (turn !== undefined && isWorking(turn))
    return <WorkingView key={turn.number} header={header} comparison={comparison} turn={turn} />;
  return (
    <>
      {header}
      <Container size={1280} py="md">
        {!turn ? (
          <Empty title="This comparison has no turn yet">Load the page again in a moment.</Empty>
        ) : (
          <StoppedView comparison={comparison} turn={turn} />
        )}
      </Container>
    </>
  );
}
