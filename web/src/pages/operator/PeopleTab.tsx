import { Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { peopleQuery } from "../../api/operator";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { InvitationList } from "./InvitationList";
import { InviteForm } from "./InviteForm";
import { PersonRow } from "./PersonRow";

export function PeopleTab() {
  const people = useQuery(peopleQuery);
  return (
    <Stack gap="xl">
      <InviteForm />
      <InvitationList />
      <Stack component="section" gap="sm" aria-labelledby="people-title">
        <Title order={2} id="people-title">
          People
        </Title>
        {people.isPending ? (
          <Loading label="Loading the people" />
        ) : people.error ? (
          <ErrorNotice error={people.error} onRetry={() => void people.refetch()} />
        ) : (
          <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0 }}>
            {people.data.map((person) => (
              <PersonRow key={person.id} person={person} />
            ))}
          </ul>
        )}
      </Stack>
    </Stack>
  );
}
