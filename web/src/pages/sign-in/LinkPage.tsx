import { Button, Stack, Text } from "@mantine/core";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useSignInByLink } from "../../api/session";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { SmallPage } from "../../components/layout/SmallPage";
import { fragmentToken, startFor } from "./fragment";

/** Trades the token in the address for a sign-in. The token is posted once, and leaves the address bar and history. */
export function LinkPage() {
  const token = fragmentToken(useLocation().hash);
  const router = useRouter();
  const signIn = useSignInByLink();
  const sent = useRef(false);
  const { mutate } = signIn;

  useEffect(() => {
    if (!token || sent.current) return;
    sent.current = true;
    mutate(token, { onSuccess: (session) => router.history.replace(startFor(session.person.roles)) });
  }, [token, mutate, router]);

  return (
    <SmallPage title="Signing in">
      {!token || signIn.error ? (
        <Stack>
          {signIn.error ? (
            <ErrorNotice error={signIn.error} title="This link did not sign you in" />
          ) : (
            <Text size="sm">This link is cut short: its last part is missing. Copy it whole, and open it again.</Text>
          )}
          <Button component={Link} to="/sign-in" variant="default">
            Sign in with a password
          </Button>
        </Stack>
      ) : (
        <Loading label="Checking the link" height={150} />
      )}
    </SmallPage>
  );
}
