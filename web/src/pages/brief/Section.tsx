import { Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <Paper component="section" withBorder p="lg" bg="var(--app-surface)" aria-labelledby={id}>
      <Stack gap="md">
        <div>
          <Title order={2} id={id} fz="md">
            {title}
          </Title>
          {note && (
            <Text size="sm" c="dimmed">
              {note}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}
