import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useRevokeToken } from "../../api/tokens";
import type { ApiToken } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Time } from "../../components/text/Time";

/** One token. Ending it asks once more: the program that has it stops working at once. */
export function TokenRow({ token }: { token: ApiToken }) {
  const revoke = useRevokeToken();
  const [asked, setAsked] = useState(false);
  return (
    <Group component="li" justify="space-between" px="md" py="xs" gap="md">
      <div style={{ minWidth: 0, flex: "1 1 240px" }}>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {token.name}
        </Text>
        <Text size="xs" c="dimmed">
          Made <Time iso={token.created_at} /> ·{" "}
          {token.last_used_at ? (
            <>
              last used <Time iso={token.last_used_at} relative />
            </>
          ) : (
            "never used"
          )}
        </Text>
        {revoke.error && <ErrorNotice error={revoke.error} />}
      </div>
      {asked ? (
        <Group gap="xs">
          <Text size="xs">Its program stops working at once.</Text>
          <Button
            size="compact-sm"
            color="red"
            variant="light"
            autoFocus
            loading={revoke.isPending}
            onClick={() => revoke.mutate(token.id)}
            aria-label={`Revoke ${token.name} now`}
          >
            Revoke
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setAsked(false)}>
            Keep it
          </Button>
        </Group>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setAsked(true)}
          aria-label={`Revoke the token ${token.name}`}
        >
          Revoke…
        </Button>
      )}
    </Group>
  );
}
