import { Center, Paper, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Brand } from "./Brand";
import { useTitle } from "./Page";

/** A card in the middle: the pages before one is signed in. */
export function SmallPage({ title, children, width = 400 }: { title: string; children: ReactNode; width?: number }) {
  useTitle(title);
  return (
    <Center mih="100dvh" p="md">
      <Stack w="100%" maw={width} gap="lg">
        <Center>
          <Brand />
        </Center>
        <Paper withBorder p="xl" bg="var(--app-surface)">
          <Stack gap="md">
            <Title order={1} fz="xl">
              {title}
            </Title>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Center>
  );
}
