import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tokensQuery } from "../../api/tokens";
import { Empty } from "../../components/feedback/Empty";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { Page } from "../../components/layout/Page";
import { ListSkeleton } from "../../components/list/ListSkeleton";
import { MakeToken } from "./MakeToken";
import { TokenRow } from "./TokenRow";

/** A person's own API tokens: what a program signs in with instead of a browser. */
export function TokensPage() {
  const tokens = useQuery(tokensQuery);
  return (
    <Page title="API tokens" size={820}>
      <Text c="dimmed">
        A program that acts for you sends a token as <code>Authorization: Bearer …</code>. It may do all that you may,
        except make more tokens. Give each program its own, so that you can end one without the others.
      </Text>
      <MakeToken />
      <Stack component="section" gap="sm" aria-labelledby="tokens-title">
        <Title order={2} id="tokens-title">
          Your tokens
        </Title>
        {tokens.isPending ? (
          <ListSkeleton label="Loading your tokens" rows={2} height={64} />
        ) : tokens.data === undefined ? (
          <ErrorNotice error={tokens.error} title="Your tokens can’t be shown" onRetry={() => void tokens.refetch()} />
        ) : tokens.data.length === 0 ? (
          <Empty title="No token yet">Make one above when a program needs it.</Empty>
        ) : (
          <ul className="surface" style={{ listStyle: "none", margin: 0, padding: 0 }}>
            {tokens.data.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </ul>
        )}
      </Stack>
    </Page>
  );
}
