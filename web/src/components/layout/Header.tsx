import { Group, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useRoles, useSession } from "../../api/session";
import { CommandButton } from "../../keyboard/CommandButton";
import { Brand } from "./Brand";
import classes from "./Header.module.css";
import { Later } from "./Later";
import { PersonMenu } from "./PersonMenu";

const PLACES = [
  { to: "/", label: "Tasks", role: "contributor" },
  { to: "/reviews", label: "Reviews", role: "reviewer" },
  { to: "/operator", label: "Operate", role: "operator" },
] as const;

export function Header() {
  const roles = useRoles();
  const { data: session } = useSession();
  const accepted = session?.terms.accepted ?? false;
  const places = accepted ? PLACES.filter((place) => roles.includes(place.role)) : [];
  return (
    <Group h="100%" px="md" gap="md" wrap="nowrap">
      <UnstyledButton component={Link} to="/" aria-label="Marlin, to the start">
        <Brand />
      </UnstyledButton>
      <Group component="nav" gap={4} aria-label="Main" flex={1} wrap="nowrap" className={classes.places}>
        {places.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className={classes.place}
            activeProps={{ "data-active": true, "aria-current": "page" }}
            activeOptions={{ exact: place.to === "/" }}
          >
            {place.label}
          </Link>
        ))}
      </Group>
      <Later turn="header">
        {accepted && <CommandButton />}
        <PersonMenu />
      </Later>
    </Group>
  );
}
