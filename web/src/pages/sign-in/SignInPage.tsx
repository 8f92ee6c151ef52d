import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useSession, useSignIn } from "../../api/session";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { SmallPage } from "../../components/layout/SmallPage";
import { safeNext } from "./fragment";

export function SignInPage() {
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  const navigate = useNavigate();
  const session = useSession();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password }, { onSuccess: () => router.history.push(safeNext(next)) });
  };

  return (
    <SmallPage title="Sign in">
      {session.data && (
        <Text size="sm">
          You are signed in as {session.data.person.name}.{" "}
          <Button variant="transparent" p={0} h="auto" onClick={() => void navigate({ to: "/" })}>
            Go on
          </Button>
        </Text>
      )}
      <form onSubmit={onSubmit}>
        <Stack>
          {signIn.error && <ErrorNotice error={signIn.error} title="Not signed in" />}
          <TextInput
            label="Email"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            No account yet, or the password is lost? Ask the operator for a link: Marlin is by invitation.
          </Text>
        </Stack>
      </form>
    </SmallPage>
  );
}
