import { Alert, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import type { BriefForm } from "./use-brief-form";

/** Two windows changed the same brief. Nothing is lost before the person has chosen. */
export function ConflictNotice({ form }: { form: Pick<BriefForm, "takeTheirs" | "keepMine"> }) {
  const [error, setError] = useState<unknown>(null);
  const choose = (way: () => Promise<void>) => {
    setError(null);
    way().catch(setError);
  };
  return (
    <Alert color="orange" title="This brief was also changed in another window" role="alert">
      <Text size="sm">
        What you type here is not being saved now. Keep what you see here, or load the version that was saved elsewhere.
      </Text>
      <Group mt="sm" gap="xs">
        <Button size="xs" onClick={() => choose(form.keepMine)}>
          Keep this one
        </Button>
        <Button size="xs" variant="default" onClick={() => choose(form.takeTheirs)}>
          Load the other one
        </Button>
      </Group>
      {error !== null && <ErrorNotice error={error} />}
    </Alert>
  );
}
