import { Alert, Button, Group, List, Text } from "@mantine/core";
import { asProblem } from "../../api/problem";

export interface ErrorNoticeProps {
  error: unknown;
  /** What did not happen, in the person's words: "The brief was not saved". */
  title?: string;
  onRetry?: () => void;
}

/** A failure: what happened, what to do, and a way to do it. */
export function ErrorNotice({ error, title, onRetry }: ErrorNoticeProps) {
  const problem = asProblem(error);
  return (
    <Alert color="red" variant="light" title={title ?? problem.message} role="alert">
      {title && <Text size="sm">{problem.message}</Text>}
      {problem.fields.length > 0 && (
        <List size="sm" mt={4}>
          {problem.fields.map((entry) => (
            <List.Item key={`${entry.field}:${entry.message}`}>{entry.message}</List.Item>
          ))}
        </List>
      )}
      {problem.hint && (
        <Text size="sm" mt={4}>
          {problem.hint}
        </Text>
      )}
      {onRetry && (
        <Group mt="xs">
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
