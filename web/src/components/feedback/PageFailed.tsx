import { Button, Container, CopyButton, Group, Stack } from "@mantine/core";
import { ErrorNotice } from "./ErrorNotice";

/** The last net: a page threw. Header and navigation stay; a stale page after an update fails here too, and loading mends that. */
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
          <CopyButton value={details(error)} timeout={1500}>
            {({ copied, copy }) => (
              <Button variant="subtle" onClick={copy}>
                {copied ? "Copied" : "Copy the details"}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Container>
  );
}

/** For the operator who is told: what failed, where and when. Holds nothing that was typed. */
function details(error: unknown): string {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [new Date().toISOString(), window.location.pathname, navigator.userAgent, told].join("\n");
}
