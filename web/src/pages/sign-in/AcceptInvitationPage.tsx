import { Button, Checkbox, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { asProblem } from "../../api/problem";
import { invitationQuery, useAcceptInvitation } from "../../api/session";
import type { InvitationOffer } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Loading } from "../../components/feedback/Loading";
import { SmallPage } from "../../components/layout/SmallPage";
import { Time } from "../../components/text/Time";
import { fragmentToken, startFor } from "./fragment";
import { TermsText } from "./TermsText";

export function AcceptInvitationPage() {
  const token = fragmentToken(useLocation().hash);
  const offer = useQuery(invitationQuery(token));
  return (
    <SmallPage title="Join Marlin" width={520}>
      {token === "" ? (
        <Text size="sm">
          This invitation link is cut short: its last part is missing. Copy it whole, and open it again.
        </Text>
      ) : offer.isPending ? (
        <Loading label="Checking the invitation" />
      ) : offer.error ? (
        <ErrorNotice
          error={offer.error}
          title="This invitation can’t be used"
          onRetry={asProblem(offer.error).temporary ? () => void offer.refetch() : undefined}
        />
      ) : (
        <AcceptForm token={token} offer={offer.data} />
      )}
    </SmallPage>
  );
}

function AcceptForm({ token, offer }: { token: string; offer: InvitationOffer }) {
  const router = useRouter();
  const accept = useAcceptInvitation(token);
  const [name, setName] = useState("");
  const [email, setEmail] = useState(offer.email ?? "");
  const [password, setPassword] = useState("");
  const [agreed, setAgreed] = useState(false);
  useEffect(() => setEmail(offer.email ?? ""), [offer.email]);
  const fieldError = (field: string) =>
    accept.error ? asProblem(accept.error).fields.find((entry) => entry.field === field)?.message : undefined;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate(
      { name, email, password, terms_version: offer.terms.version },
      { onSuccess: (session) => router.history.replace(startFor(session.person.roles)) },
    );
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack>
        <Text size="sm">
          You are invited as <b>{offer.roles.join(" and ")}</b>. The invitation is good until{" "}
          <Time iso={offer.expires_at} />.
        </Text>
        {accept.error && <ErrorNotice error={accept.error} title="The account was not made" />}
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          value={name}
          error={fieldError("name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          value={email}
          readOnly={offer.email !== null}
          description={offer.email ? "The invitation is for this address." : undefined}
          error={fieldError("email")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          description="At least 12 characters; a few words you can remember are best."
          autoComplete="new-password"
          required
          minLength={12}
          value={password}
          error={fieldError("password")}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <TermsText markdown={offer.terms.markdown} />
        <Checkbox
          required
          label={`I have read these terms (version ${offer.terms.version}) and agree to them`}
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
        />
        <Button type="submit" disabled={!agreed} loading={accept.isPending} fullWidth>
          Create the account
        </Button>
      </Stack>
    </form>
  );
}
