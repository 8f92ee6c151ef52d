import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useMakeToken } from "../../api/tokens";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CopyField } from "../../components/text/CopyField";

/** Makes a token and shows it the one time it can be seen. */
export function MakeToken() {
  const make = useMakeToken();
  const [name, setName] = useState("");
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)" component="section" aria-label="Make a token">
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <Group align="flex-end" gap="md">
            <TextInput
              label="What is it for?"
              description="A name that tells you later which program has it"
              placeholder="Nightly export"
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              flex="1 1 240px"
            />
            <Button type="submit" loading={make.isPending} disabled={name.trim() === ""}>
              Make a token
            </Button>
          </Group>
          {make.error && <ErrorNotice error={make.error} title="No token was made" />}
          {make.data && (
            <Stack gap={4} role="status">
              <CopyField label={`Token “${make.data.name}”`} value={make.data.token} />
              <Text size="xs" c="dimmed">
                Copy it now: it is shown this once, and Marlin keeps only a hash of it.
              </Text>
            </Stack>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
