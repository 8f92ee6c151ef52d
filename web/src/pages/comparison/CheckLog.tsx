import { useQuery } from "@tanstack/react-query";
import { checkLogAddress, checkLogQuery } from "../../api/comparisons";
import type { Check, Side } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { LogViewer } from "../../components/text/LogViewer";
import classes from "./ChecksView.module.css";
import { SideTag } from "./SideTag";

export interface CheckLogProps {
  comparison: string;
  check: Check;
  side: Side;
  /** A line to show, and a number that changes with each wish to. */
  line: number | null;
  asked: number;
}

export function CheckLog({ comparison, check, side, line, asked }: CheckLogProps) {
  const log = useQuery(checkLogQuery(comparison, check.id));
  if (log.isPending) return <Loading label="Loading the log" />;
  if (log.error) return <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />;
  return (
    <div className={classes.log}>
      <SideTag side={side} />
      <LogViewer
        text={log.data}
        label={`Log of ${check.name} on ${side}`}
        download={{ href: checkLogAddress(comparison, check.id), name: `${side}-${check.kind}.log` }}
        line={line}
        asked={asked}
      />
    </div>
  );
}
