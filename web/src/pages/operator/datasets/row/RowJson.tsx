import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Row, rowJsonQuery, rowJsonUrl } from "../../../../api/dataset-rows";
import { ErrorNotice } from "../../../../components/feedback/ErrorNotice";
import { Loading } from "../../../../components/feedback/Loading";
import { LogViewer } from "../../../../components/text/LogViewer";
import classes from "./RowPage.module.css";

/** The row as it lies in the file, indented. Its long lines are cut on screen; the download has all of them. */
export function RowJson({ dataset, row }: { dataset: string; row: Row }) {
  const found = useQuery(rowJsonQuery(dataset, row.id));
  const text = useMemo(() => (found.data === undefined ? "" : indented(found.data)), [found.data]);
  if (found.isPending) return <Loading label="Reading the row" />;
  if (found.data === undefined)
    return <ErrorNotice error={found.error} title="The row can’t be shown" onRetry={() => void found.refetch()} />;
  return (
    <div className={classes.reading}>
      <LogViewer
        text={text}
        label={`JSON of the row, ${row.split}`}
        download={{ href: rowJsonUrl(dataset, row.id), name: `${row.id}.json` }}
      />
    </div>
  );
}

function indented(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), null, 2);
  } catch {
    return line;
  }
}
