import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { operatorReportQuery } from "../../api/operator";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { FactTree } from "../operator/FactTree";
import classes from "./BriefView.module.css";

/** Arms, usage and provenance. Behind a button: an operator who also rates must not be unblinded by a stray click. */
export function OperatorView({ comparison }: { comparison: string }) {
  const [shown, setShown] = useState(false);
  const report = useQuery({ ...operatorReportQuery(comparison), enabled: shown });
  return (
    <div className={classes.view}>
      {!shown ? (
        <Stack align="flex-start" gap="sm">
          <Text size="sm">This names the arms behind A and B. Don’t look if you rate or review this comparison.</Text>
          <Button variant="default" onClick={() => setShown(true)}>
            Show arms, usage and provenance
          </Button>
        </Stack>
      ) : report.isPending ? (
        <Loading label="Loading the report" />
      ) : report.error ? (
        <ErrorNotice error={report.error} onRetry={() => void report.refetch()} />
      ) : (
        <FactTree value={report.data} />
      )}
    </div>
  );
}
