import { Button, Chip, Group, Text } from "@mantine/core";
import { useSetRoles, useSignInLink } from "../../api/operator";
import type { PersonEntry } from "../../api/operator-types";
import type { Role } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { CopyField } from "../../components/text/CopyField";
import classes from "./PersonRow.module.css";
import { ROLES } from "./roles";

export function PersonRow({ person }: { person: PersonEntry }) {
  const setRoles = useSetRoles();
  const link = useSignInLink();
  const shown = setRoles.isPending ? setRoles.variables.roles : person.roles;
  return (
    <li className={classes.row}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={600}>
            {person.name}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {person.email}
          </Text>
        </div>
        <Group gap="md">
          <Chip.Group
            multiple
            value={shown}
            onChange={(roles) => setRoles.mutate({ id: person.id, roles: roles as Role[] })}
          >
            <Group gap={6} role="group" aria-label={`Roles of ${person.name}`}>
              {ROLES.map((role) => (
                <Chip key={role} value={role} size="xs" disabled={setRoles.isPending}>
                  {role}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          <Button
            size="compact-sm"
            variant="default"
            loading={link.isPending}
            onClick={() => link.mutate(person.id)}
            aria-label={`Make a sign-in link for ${person.name}`}
          >
            Sign-in link
          </Button>
        </Group>
      </Group>
      {setRoles.error && <ErrorNotice error={setRoles.error} title="The roles were not changed" />}
      {link.error && <ErrorNotice error={link.error} title="No link was made" />}
      {link.data && <CopyField label={`Sign-in link for ${person.name}; works once`} value={link.data.url} />}
    </li>
  );
}
