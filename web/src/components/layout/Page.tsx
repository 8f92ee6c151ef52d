import { Container, Group, Stack, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

/** Lists use what a large screen has, without lines that nobody can follow. */
export const PAGE_WIDTH = "clamp(1080px, 60vw, 1500px)";

/** A page of ordinary width with its one h1, which also names the browser's tab. */
export function Page(props: { title: string; actions?: ReactNode; children: ReactNode; size?: number }) {
  useTitle(props.title);
  return (
    <Container size={props.size ?? PAGE_WIDTH} py="lg" px="md">
      <Stack gap="lg">
        <Group justify="space-between" align="center" wrap="nowrap" gap="md">
          <Title order={1} style={{ minWidth: 0, overflowWrap: "anywhere" }}>
            {props.title}
          </Title>
          <div style={{ flexShrink: 0 }}>{props.actions}</div>
        </Group>
        {props.children}
      </Stack>
    </Container>
  );
}

/** Names the browser's tab; null leaves that to a part of the page. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    document.title = title ? `${title} · Marlin` : "Marlin";
  }, [title]);
}
