import { Button, Container, Group, Stack } from "@mantine/core";
import { ErrorNotice } from "./ErrorNotice";

/** The last net: a page threw. A stale page after an update fails here too, and loading again mends that. */
export function PageFailed({ error }: { error: unknown }) {
  return (
    <Container size="sm" py="xl">
      <Stack>
        <ErrorNotice error={error} title="This page failed" />
        <Group>
          <Button onClick={() => window.location.reload()}>Load the page again</Button>
          <Button variant="default" component="a" href="/">
            Go to the start
          </Button>
        </Group>
      </Stack>
    </Container>
  );
}
