import { Container, Grid, Paper, Stack } from "@mantine/core";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import { PAGE_WIDTH } from "../../components/layout/Page";

/** The brief's two columns while it is on its way: the same grid as BriefEditor's. */
export function BriefSkeleton() {
  return (
    <Waiting label="Loading the brief" title="Brief">
      <Container size={PAGE_WIDTH} py="lg" px="md">
        <Stack gap="lg">
          <Bar width="46%" height={28} style={{ marginBlock: 2 }} />
          <Grid gap="xl">
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Stack gap="lg">
                <Fields count={2} />
                <Fields count={3} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Fields count={2} />
            </Grid.Col>
          </Grid>
        </Stack>
      </Container>
    </Waiting>
  );
}

function Fields({ count }: { count: number }) {
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)">
      <Stack gap="lg">
        <Bar width="30%" height={14} />
        {Array.from({ length: count }, (_, index) => (
          <Stack
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
            key={index}
            gap={10}
          >
            <Bar width="22%" />
            <Bar width="100%" height={36} />
          </Stack>
        ))}
      </Stack>
    </Paper>
  );
}
