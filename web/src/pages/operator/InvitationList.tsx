import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { openInvitationPages, useWithdrawInvitation } from "../../api/operator";
import type { Invitation } from "../../api/operator-types";
import { allRows } from "../../api/pages";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Time } from "../../components/text/Time";

export function useOpenInvitations() {
  return useInfiniteQuery(openInvitationPages);
}

/** Invitations that nobody has taken up yet; nothing at all when there is none. */
export function InvitationList() {
  const invitations = useOpenInvitations();
  if (invitations.error && invitations.data === undefined)
    return (
      <ErrorNotice
        error={invitations.error}
        title="The invitations can’t be shown"
        onRetry={() => void invitations.refetch()}
      />
    );
  const open = invitations.data ? allRows(invitations.data) : [];
  if (open.length === 0) return null;
  return (
    <Stack component="section" gap="sm" aria-labelledby="invitations-title">
      <Title order={2} id="invitations-title">
        Open invitations
      </Title>
      <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {open.map((invitation) => (
          <Entry key={invitation.id} invitation={invitation} />
        ))}
      </ul>
      {invitations.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          style={{ alignSelf: "flex-end" }}
          loading={invitations.isFetchingNextPage}
          onClick={() => void invitations.fetchNextPage()}
        >
          More invitations
        </Button>
      )}
    </Stack>
  );
}

function Entry({ invitation }: { invitation: Invitation }) {
  const withdraw = useWithdrawInvitation();
  const whom = invitation.email ?? "anyone with the link";
  return (
    <Group component="li" justify="space-between" px="md" py="xs">
      <div>
        <Text size="sm" fw={600}>
          {whom}
        </Text>
        <Text size="xs" c="dimmed">
          {invitation.roles.join(", ")} · until <Time iso={invitation.expires_at} />
        </Text>
        {withdraw.error && <ErrorNotice error={withdraw.error} />}
      </div>
      <Button
        size="compact-sm"
        variant="default"
        loading={withdraw.isPending}
        onClick={() => withdraw.mutate(invitation.id)}
        aria-label={`Withdraw the invitation for ${whom}`}
      >
        Withdraw
      </Button>
    </Group>
  );
}
