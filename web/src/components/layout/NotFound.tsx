import { Button, Container } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty } from "../feedback/Empty";
import { useTitle } from "./Page";

export function NotFound() {
  useTitle("Not found");
  return (
    <Container size="sm" py={60}>
      <Empty
        heading
        title="There is nothing at this address"
        action={
          <Button component={Link} to="/" mt="xs">
            Go to the start
          </Button>
        }
      >
        The link may be cut short, or the thing may have been removed.
      </Empty>
    </Container>
  );
}
