import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { isPreparing, usePrepareBrief } from "../../api/briefs";
import type { Brief } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { LogView } from "../../components/text/LogView";
import { catchFocus } from "../../keyboard/focus";
import { BaseResult } from "./BaseResult";
import { missing } from "./fields";
import { Section } from "./Section";
import { StartButton } from "./StartButton";
import { StepList } from "./StepList";
import { preparationSteps } from "./steps";
import type { BriefForm } from "./use-brief-form";
import { usePreparationLog } from "./use-preparation-log";

/** From a written brief to a comparison: prepare the environment, see the base's tests, start. */
export function PreparationPanel({ brief, form }: { brief: Brief; form: BriefForm }) {
  const { preparation } = brief;
  const preparing = isPreparing(brief);
  const begun = preparation.status !== "none";
  const prepare = usePrepareBrief(brief.id);
  const [saveFailed, setSaveFailed] = useState(false);
  const log = usePreparationLog(brief.id, `${preparation.started_at ?? ""}/${begun}`, preparing);
  const lacks = missing(form.fields);
  const steps = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone while it works.
  useEffect(() => {
    if (preparing) catchFocus(() => steps.current);
  }, [preparing]);

  const start = async () => {
    const saved = await form.flush();
    setSaveFailed(!saved);
    if (saved) prepare.mutate();
  };
  return (
    <Section
      title="Preparation"
      note={
        begun ? undefined : "Fetch, set up and test the base, so that neither side is blamed for a broken environment."
      }
    >
      <Stack gap="md">
        {begun && (
          <div ref={steps} tabIndex={-1}>
            <StepList steps={preparationSteps(preparation, brief)} />
          </div>
        )}
        {preparation.status === "failed" && (
          <Alert color="red" title={preparation.message || "The preparation failed"} role="alert">
            <Text size="sm">{preparation.hint || "Read the log, change the brief, and prepare it again."}</Text>
          </Alert>
        )}
        {preparing && preparation.message && (
          <Text size="sm" c="dimmed" aria-live="polite">
            {preparation.message}
          </Text>
        )}
        {preparation.warnings.length > 0 && (
          <Alert color="orange" title="Take note">
            <List size="sm">
              {preparation.warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {preparation.status === "ready" && <BaseResult preparation={preparation} />}
        {begun && (log || preparing) && (
          <LogView text={log} label="Log of the preparation" follow={preparing} maxHeight={300} />
        )}
        {saveFailed && (
          <Alert color="red">Your last changes could not be saved. Mend that first: see the top of the page.</Alert>
        )}
        {prepare.error && <ErrorNotice error={prepare.error} title="The preparation did not start" />}
        {(preparation.status === "none" || preparation.status === "failed") && brief.status !== "used" && (
          <>
            <Button onClick={() => void start()} loading={prepare.isPending} disabled={lacks.length > 0}>
              {preparation.status === "failed" ? "Prepare again" : "Prepare"}
            </Button>
            {lacks.length > 0 && (
              <Text size="sm" c="dimmed">
                Still needed: {lacks.join(", ")}.
              </Text>
            )}
          </>
        )}
        {preparation.status === "ready" && brief.status !== "used" && <StartButton brief={brief} form={form} />}
      </Stack>
    </Section>
  );
}
