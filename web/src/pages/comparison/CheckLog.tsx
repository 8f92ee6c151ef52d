import { useQuery } from "@tanstack/react-query";
import { checkLogQuery } from "../../api/comparisons";
import type { Check, Side } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { LogView } from "../../components/text/LogView";

export function CheckLog({ comparison, check, side }: { comparison: string; check: Check; side: Side }) {
  const log = useQuery(checkLogQuery(comparison, check.id));
  if (log.isPending) return <Loading label="Loading the log" />;
  if (log.error) return <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />;
  return <LogView text={log.data} label={`Log of ${check.name} on ${side}`} maxHeight={480} />;
}
