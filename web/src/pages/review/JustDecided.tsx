import { Alert, Anchor, Button, Group, Text } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useReopen } from "../../api/reviews";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";

const SAID = {
  accept: { color: "green", words: "Accepted." },
  return: {
    color: "orange",
    words: "Returned with your comments; it comes back here when it is submitted again.",
  },
  reject: { color: "red", words: "Rejected. The contributor reads your reason, and may dispute it." },
} as const;

/** What was decided a moment ago, and the way back: a wrong press is undone where it is noticed. */
export function JustDecided({ comparison, decision }: { comparison: string; decision: keyof typeof SAID }) {
  const reopen = useReopen(comparison);
  const navigate = useNavigate();
  const takeBack = async () => {
    const done = await reopen.mutateAsync("").catch(() => null);
    if (done) await navigate({ to: "/comparisons/$id", params: { id: comparison } });
  };
  const { color, words } = SAID[decision];
  return (
    <>
      <Alert color={color} variant="default" p="sm" role="status">
        <Group justify="space-between" gap="xs">
          <Text size="sm">
            {words}{" "}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => <Link {...props} to="/comparisons/$id" params={{ id: comparison }} />}
            >
              Look at it again
            </Anchor>
          </Text>
          <Button size="compact-sm" variant="default" loading={reopen.isPending} onClick={() => void takeBack()}>
            Take it back
          </Button>
        </Group>
      </Alert>
      {reopen.error && <ErrorNotice error={reopen.error} title="It was not taken back" />}
    </>
  );
}
