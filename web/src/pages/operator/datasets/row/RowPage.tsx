import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { type Among, type Row, type RowWanted, rowQuery } from "../../../../api/dataset-rows";
import { useRoles } from "../../../../api/session";
import { Empty } from "../../../../components/feedback/Empty";
import { ErrorNotice } from "../../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../../components/feedback/Waiting";
import { Page, useTitle } from "../../../../components/layout/Page";
import { goOn } from "../../../../opening";
import { BackToDataset } from "./RowHead";
import classes from "./RowPage.module.css";
import { RowView } from "./RowView";
import { patchQuery } from "./row-patch";
import { titleOf } from "./row-words";

/** One row of a dataset as the comparison that it was. */
export function RowPage() {
  const { id } = useParams({ from: "/operator/datasets/$id/row" });
  const { row, split, number, where, q } = useSearch({ from: "/operator/datasets/$id/row" });
  const operator = useRoles().includes("operator");
  const wanted: RowWanted = row === undefined ? { split: split ?? "train", number: number ?? 1 } : { row };
  const found = useQuery({ ...rowQuery(id, wanted, { where, q }), enabled: operator });
  useEffect(goOn, []);
  if (!operator) {
    return (
      <Page title="Row of a dataset">
        <Empty title="This page is for operators">Ask an operator for the role, if you should have it.</Empty>
      </Page>
    );
  }
  if (found.isPending) return <RowSkeleton />;
  if (found.data === undefined) {
    return (
      <Page title="Row of a dataset">
        <BackToDataset dataset={id} />
        <ErrorNotice error={found.error} title="The row can’t be shown" onRetry={() => void found.refetch()} />
      </Page>
    );
  }
  return <Loaded key={found.data.id} dataset={id} row={found.data} byId={row !== undefined} among={{ where, q }} />;
}

interface LoadedProps {
  dataset: string;
  row: Row;
  byId: boolean;
  among: Among;
}

function Loaded({ dataset, row, byId, among: { where, q } }: LoadedProps) {
  const navigate = useNavigate({ from: "/operator/datasets/$id/row" });
  const client = useQueryClient();
  useTitle(`${row.number.toLocaleString()} · ${titleOf(row.request)}`);
  useEffect(() => {
    // Known by its id, so that the address means the same row to whoever it is sent to.
    client.setQueryData(rowQuery(dataset, { row: row.id }, { where, q }).queryKey, row);
    if (byId) return;
    void navigate({ search: (old) => ({ ...old, row: row.id, split: undefined, number: undefined }), replace: true });
  }, [client, navigate, dataset, row, byId, where, q]);
  useEffect(() => {
    // The rows around it are read meanwhile: going on is at once.
    for (const near of [row.next, row.previous]) {
      if (near === null) continue;
      void client.prefetchQuery(rowQuery(dataset, { row: near }, { where, q }));
      for (const side of ["A", "B"] as const) void client.prefetchQuery(patchQuery(dataset, near, side));
    }
  }, [client, dataset, row, where, q]);
  return <RowView dataset={dataset} row={row} />;
}

function RowSkeleton() {
  useTitle("Row of a dataset");
  return (
    <Waiting label="Reading the row" title="Row of a dataset">
      <div className={classes.page}>
        <div className={classes.head}>
          <Bar width="420px" height={18} />
        </div>
        <div className={classes.main}>
          <Bar width="100%" height={56} />
          <Bar width="280px" height={30} />
          <Bar width="100%" height={420} />
        </div>
      </div>
    </Waiting>
  );
}
