import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { onSignInElsewhere } from "../../api/other-tabs";
import { useForgetSession, useSignInAgain } from "../../api/session";
import type { Person } from "../../api/types";
import { ErrorNotice } from "../feedback/ErrorNotice";

/** The sign-in ran out while its person was at work: they sign in here, and what they typed stays where it is. */
export function SignInAgain({ person }: { person: Person }) {
  const signIn = useSignInAgain(person);
  const client = useQueryClient();
  useEffect(() => {
    // Signed in again in another tab: this one hears of it, or sees it when it is looked at.
    const look = () => void client.invalidateQueries({ queryKey: ["session"] });
    const stop = onSignInElsewhere(look);
    window.addEventListener("focus", look);
    return () => {
      stop();
      window.removeEventListener("focus", look);
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    };
  }, [client]);
  const leave = useForgetSession();
  const [email, setEmail] = useState(person.email);
  const [password, setPassword] = useState("");
  const other = email.trim().toLowerCase() !== person.email.toLowerCase();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password });
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={<b>Your sign-in ran out</b>}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            Sign in again, {person.name}, and go on where you were. What you typed is kept here and is saved then.
          </Text>
          {signIn.error && <ErrorNotice error={signIn.error} title="Not signed in" />}
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          {other && (
            <Text size="sm" c="dimmed">
              Somebody else begins at the start page. {person.name}’s unsaved text stays in this browser for them alone.
            </Text>
          )}
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Group justify="space-between">
            <Button variant="subtle" color="gray" onClick={leave}>
              Leave
            </Button>
            <Button type="submit" loading={signIn.isPending}>
              Sign in and go on
            </Button>
          </Group>
          <Text size="xs" c="dimmed">
            You came by a link? Open a new one from the operator in another tab: this page notices.
          </Text>
        </Stack>
      </form>
    </Modal>
  );
}
