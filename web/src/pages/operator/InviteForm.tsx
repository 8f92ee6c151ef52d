import { Button, Chip, Group, Input, NumberInput, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useInvite } from "../../api/operator";
import type { Role } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CopyField } from "../../components/text/CopyField";
import { ROLES } from "./roles";

export function InviteForm() {
  const invite = useInvite();
  const [email, setEmail] = useState("");
  const [roles, setRoles] = useState<Role[]>(["contributor"]);
  const [days, setDays] = useState<number>(14);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(
      { roles, expires_in_days: days, ...(email.trim() ? { email: email.trim() } : {}) },
      { onSuccess: () => setEmail("") },
    );
  };
  return (
    <Paper withBorder p="lg" bg="var(--app-surface)" component="section" aria-labelledby="invite-title">
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          <Title order={2} id="invite-title">
            Invite someone
          </Title>
          <Group align="flex-end" gap="md">
            <TextInput
              label="Email"
              description="Empty: the link works for anyone who has it, once"
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              flex="1 1 240px"
            />
            <Input.Wrapper
              label="Roles"
              labelElement="div"
              styles={{ label: { display: "block", fontWeight: 600, marginBottom: 2 } }}
            >
              <Chip.Group multiple value={roles} onChange={(value) => setRoles(value as Role[])}>
                <Group gap={6} h={36} role="group" aria-label="Roles">
                  {ROLES.map((role) => (
                    <Chip key={role} value={role} size="xs">
                      {role}
                    </Chip>
                  ))}
                </Group>
              </Chip.Group>
            </Input.Wrapper>
            <NumberInput
              label="Good for"
              suffix=" days"
              min={1}
              max={90}
              w={110}
              allowDecimal={false}
              value={days}
              onChange={(value) => setDays(typeof value === "number" ? value : 14)}
            />
            <Button type="submit" loading={invite.isPending} disabled={roles.length === 0}>
              Make a link
            </Button>
          </Group>
          {invite.error && <ErrorNotice error={invite.error} title="No invitation was made" />}
          {invite.data?.url && (
            <Stack gap={4} role="status">
              <CopyField label="Invitation link" value={invite.data.url} />
              <Text size="xs" c="dimmed">
                Hand it on yourself; it is shown this once.
              </Text>
            </Stack>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
