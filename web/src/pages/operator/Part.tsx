import { Paper, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A framed part of an operator's page under a title. */
export function Part({ title, order = 2, children }: { title: string; order?: 2 | 3; children: ReactNode }) {
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)" component="section" aria-label={title}>
      <Title order={order} mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}
