import { Alert, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";

export function DraftConflict({ form }: { form: { takeTheirs: () => Promise<void>; keepMine: () => Promise<void> } }) {
  const [error, setError] = useState<unknown>(null);
  const choose = (way: () => Promise<void>) => {
    setError(null);
    way().catch(setError);
  };
  return (
    <Alert color="orange" title="Also changed in another window" role="alert" p="sm">
      <Text size="xs">Saving has stopped, so that neither version is lost.</Text>
      <Group mt="xs" gap="xs">
        <Button size="compact-xs" onClick={() => choose(form.keepMine)}>
          Keep this one
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => choose(form.takeTheirs)}>
          Load the other
        </Button>
      </Group>
      {error !== null && <ErrorNotice error={error} />}
    </Alert>
  );
}
