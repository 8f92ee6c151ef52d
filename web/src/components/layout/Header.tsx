import { Badge, Group, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { earningsQuery } from "../../api/comparisons";
import { useRoles, useSession } from "../../api/session";
import { CommandButton } from "../../keyboard/CommandButton";
import { counted } from "../text/counted";
import { Brand } from "./Brand";
import classes from "./Header.module.css";
import { Later } from "./Later";
import { PersonMenu } from "./PersonMenu";
import { disputesIn, useWaitingDisputes } from "./use-waiting-disputes";

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
            {place.to === "/" && <Returned />}
            {place.to === "/operator" && <Disputes />}
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

/** Disputes wait for an operator on whatever page they are. */
function Disputes() {
  const count = disputesIn(useWaitingDisputes());
  return <Count value={count} says={`${counted(count, "dispute")} to decide`} />;
}

function Returned() {
  const count = useQuery(earningsQuery).data?.returned.count ?? 0;
  return <Count value={count} says={`${count} returned to you`} />;
}

function Count({ value, says }: { value: number; says: string }) {
  if (value === 0) return null;
  return (
    <>
      <Badge size="sm" variant="light" color="orange" ml={6} circle={value < 10} aria-hidden>
        {value}
      </Badge>
      <span className="visually-hidden">({says})</span>
    </>
  );
}
