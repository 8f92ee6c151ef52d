import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing here, and what would be here if there were. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap={6} py="xl" px="md" className="surface">
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" ta="center" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
