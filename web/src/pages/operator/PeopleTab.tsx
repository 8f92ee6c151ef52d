import { Stack, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { peoplePages } from "../../api/operator";
import { Empty } from "../../components/feedback/Empty";
import { ListSkeleton } from "../../components/list/ListSkeleton";
import { ListTools } from "../../components/list/ListTools";
import { manyRows } from "../../components/list/many";
import { PagedList } from "../../components/list/PagedList";
import { InvitationList, useOpenInvitations } from "./InvitationList";
import { InviteForm } from "./InviteForm";
import { PersonRow } from "./PersonRow";
import { ROLES } from "./roles";

export function PeopleTab() {
  const { q = "", role = "" } = useSearch({ from: "/operator" });
  const navigate = useNavigate({ from: "/operator" });
  const filter = (change: { q?: string; role?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const people = useInfiniteQuery(peoplePages({ search: q, role }));
  const filtered = q !== "" || role !== "";
  // Whether invitations stand above decides where the people stand: they come once that is known.
  const placed = !useOpenInvitations().isPending;
  if (!placed)
    return (
      <Stack gap="xl">
        <InviteForm />
        <ListSkeleton label="Loading the people" />
      </Stack>
    );
  return (
    <Stack gap="xl">
      <InviteForm />
      <InvitationList />
      <Stack component="section" gap="sm" aria-labelledby="people-title">
        <Title order={2} id="people-title">
          People
        </Title>
        {(filtered || manyRows(people.data)) && (
          <ListTools
            label="Search the people"
            placeholder="Name or address"
            value={q}
            onSearch={(text) => filter({ q: text || undefined })}
            choice={{
              label: "Role",
              all: "With any role",
              options: ROLES.map((name) => ({ value: name, label: name })),
              value: role,
              onChange: (value) => filter({ role: value || undefined }),
            }}
          />
        )}
        <PagedList
          query={people}
          noun="people"
          filtered={filtered}
          onUnfilter={() => filter({ q: undefined, role: undefined })}
          empty={<Empty title="Nobody is here yet">Make a link above and hand it on.</Empty>}
          row={(person) => <PersonRow key={person.id} person={person} />}
        />
      </Stack>
    </Stack>
  );
}
