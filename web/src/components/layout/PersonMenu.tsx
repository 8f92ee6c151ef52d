import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useSession, useSignOut } from "../../api/session";

const SCHEMES = { auto: "As the system", light: "Light", dark: "Dark" } as const;

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => word?.[0]?.toUpperCase() ?? "").join("");
}

export function PersonMenu() {
  const { data: session } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const navigate = useNavigate();
  if (!session) return null;
  const { person } = session;
  const leave = () => signOut.mutate(undefined, { onSuccess: () => void navigate({ to: "/sign-in" }) });
  return (
    <Menu width={240} position="bottom-end">
      <Menu.Target>
        <UnstyledButton
          aria-label={`${initials(person.name)}, ${person.name}: account and appearance`}
          style={{ borderRadius: 999 }}
        >
          <Avatar size={32} color="marlin" variant="filled" aria-hidden>
            {initials(person.name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Text px="sm" pt={6} size="sm" fw={600}>
          {person.name}
        </Text>
        <Text px="sm" pb={6} size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {person.email}
        </Text>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? <span aria-hidden>✓</span> : null}
            aria-label={`${SCHEMES[scheme]}${colorScheme === scheme ? " (chosen)" : ""}`}
          >
            {SCHEMES[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/account/tokens">
          API tokens
        </Menu.Item>
        <Menu.Item onClick={leave} disabled={signOut.isPending}>
          Sign out
        </Menu.Item>
        {signOut.error && (
          <Text size="xs" c="red" px="sm" role="alert">
            {signOut.error.message}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
