import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing here, and what would be here if there were. `heading`: it is the page's own. */
export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode; heading?: boolean }) {
  const { title, children, action, heading = false } = props;
  return (
    <Stack align="center" gap={6} py="xl" px="md" className="surface">
      {heading ? (
        <Title order={1} fz="md">
          {title}
        </Title>
      ) : (
        <Text fw={600}>{title}</Text>
      )}
      {children && (
        <Text size="sm" c="dimmed" ta="center" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
