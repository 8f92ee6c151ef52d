import { Button, Checkbox, Container, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { termsQuery, useConsent } from "../../api/session";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../components/feedback/Waiting";
import { useTitle } from "../../components/layout/Page";
import { TermsText } from "./TermsText";

const LINES = ["38%", "96%", "91%", "97%", "84%", "93%", "72%"];

function TermsSkeleton() {
  return (
    <Container size="sm" py="xl">
      <Waiting label="Loading the terms" title="Before you go on">
        <Paper withBorder p="xl" bg="var(--app-surface)">
          <Stack gap="lg">
            <Bar width="46%" height={22} />
            {LINES.map((width) => (
              <Bar key={width} width={width} />
            ))}
          </Stack>
        </Paper>
      </Waiting>
    </Container>
  );
}

/** Stands before every page until the current terms are accepted. */
export function TermsGate({ earlier }: { earlier: boolean }) {
  useTitle("Terms");
  const terms = useQuery(termsQuery);
  const consent = useConsent();
  const [agreed, setAgreed] = useState(false);
  if (terms.isPending) return <TermsSkeleton />;
  if (terms.error) {
    return (
      <Container size="sm" py="xl">
        <ErrorNotice error={terms.error} onRetry={() => void terms.refetch()} />
      </Container>
    );
  }
  const { version, markdown } = terms.data;
  return (
    <Container size="sm" py="xl">
      <Paper withBorder p="xl" bg="var(--app-surface)">
        <Stack>
          <Title order={1}>Before you go on</Title>
          <Text size="sm">
            {earlier
              ? `The terms have changed; this is version ${version}. What you agreed to before stays on record, and your work waits for you.`
              : `These are the terms that you work under, version ${version}.`}
          </Text>
          <TermsText markdown={markdown} />
          <Checkbox
            label="I have read the terms and agree to them"
            checked={agreed}
            onChange={(event) => setAgreed(event.currentTarget.checked)}
          />
          {consent.error && <ErrorNotice error={consent.error} title="Your consent was not recorded" />}
          <Group>
            <Button disabled={!agreed} loading={consent.isPending} onClick={() => consent.mutate(version)}>
              Agree and go on
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Container>
  );
}
