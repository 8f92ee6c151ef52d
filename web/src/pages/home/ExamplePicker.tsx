import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { campaignQuery } from "../../api/campaigns";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";

export interface ExamplePickerProps {
  campaignId: string;
  pending: string | null;
  error: unknown;
  onPick: (name: string) => void;
}

/** Briefs that come with the campaign; taking one makes a copy that can be changed. */
export function ExamplePicker({ campaignId, pending, error, onPick }: ExamplePickerProps) {
  const campaign = useQuery(campaignQuery(campaignId));
  if (campaign.isPending) return <Loading label="Loading the examples" />;
  if (campaign.error) return <ErrorNotice error={campaign.error} onRetry={() => void campaign.refetch()} />;
  const examples = campaign.data.example_briefs;
  if (examples.length === 0) {
    return <Empty title="This campaign has no example briefs">Start a task to write your own.</Empty>;
  }
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Complete briefs, repository and commands included. Yours is a copy: change what you like before you start.
      </Text>
      {error ? <ErrorNotice error={error} title="The example was not taken" /> : null}
      {examples.map((example) => (
        <Group key={example.name} className="surface" p="md" justify="space-between" wrap="nowrap" align="center">
          <div>
            <Text fw={600}>{example.title}</Text>
            <Text size="sm" c="dimmed">
              {example.summary}
            </Text>
          </div>
          <Button
            variant="light"
            style={{ flexShrink: 0 }}
            loading={pending === example.name}
            disabled={pending !== null && pending !== example.name}
            onClick={() => onPick(example.name)}
            aria-label={`Take it: ${example.title}`}
          >
            Take it
          </Button>
        </Group>
      ))}
    </Stack>
  );
}
