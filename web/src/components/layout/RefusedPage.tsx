import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorNotice } from "../feedback/ErrorNotice";
import { Page } from "./Page";

export interface RefusedPageProps {
  /** What the page would be of: "Brief". */
  title: string;
  /** What did not happen: "The brief can’t be shown". */
  failure: string;
  error: unknown;
  onRetry: () => void;
}

/** In place of a page whose one thing can't be read: why, and ways on. */
export function RefusedPage({ title, failure, error, onRetry }: RefusedPageProps) {
  return (
    <Page title={title} size={720}>
      <ErrorNotice error={error} title={failure} onRetry={onRetry} />
      <Group>
        <Button component={Link} to="/" variant="default">
          Go to the start
        </Button>
      </Group>
    </Page>
  );
}
