import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { keepFor } from "../autosave/kept";
import { forgetTranscripts } from "../components/transcript/kept-feeds";
import { api, setCsrfToken } from "./client";
import { restored } from "./connection";
import { tellOtherTabs } from "./other-tabs";
import { asProblem } from "./problem";
import type { InvitationOffer, Person, Role, Session, Terms } from "./types";

const SESSION_KEY = ["session"] as const;

/** A sign-in that was lost while its person was at work stays known, so that nothing they do is torn down. */
export type KnownSession = Session & { expired?: boolean };

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  staleTime: 5 * 60_000,
  queryFn: async ({ signal, client }): Promise<KnownSession | null> => {
    try {
      const session = await api.get<Session>("/session", { signal });
      const known = client.getQueryData<KnownSession | null>(SESSION_KEY);
      // Signed in elsewhere in this browser, as somebody else: nothing of the first one's page may go on under that name.
      if (known && known.person.id !== session.person.id) leavePage();
      setCsrfToken(session.csrf_token);
      keepFor(session.person.id);
      if (known?.expired) restored();
      return session;
    } catch (error) {
      if (asProblem(error).status === 401) {
        setCsrfToken(null);
        const known = client.getQueryData<KnownSession | null>(SESSION_KEY);
        return known ? { ...known, expired: true } : null;
      }
      throw error;
    }
  },
});

/** Begins anew at the start page, with an empty memory. */
function leavePage(): void {
  window.location.assign("/");
}

export function useSession() {
  return useQuery(sessionQuery);
}

export function useRoles(): Role[] {
  return useSession().data?.person.roles ?? [];
}

function enter(client: QueryClient, session: Session): void {
  setCsrfToken(session.csrf_token);
  keepFor(session.person.id);
  forgetTranscripts();
  // Another person's data must not be seen after a change of person.
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  client.setQueryData(SESSION_KEY, session);
  tellOtherTabs();
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => api.post<Session>("/sign-in", { body }),
    onSuccess: (session) => enter(client, session),
  });
}

/** After a sign-in was lost: the same person goes on where they were, anybody else begins anew. */
export function useSignInAgain(person: Person) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => api.post<Session>("/sign-in", { body }),
    onSuccess: (session) => {
      if (session.person.id !== person.id) {
        leavePage();
        return;
      }
      setCsrfToken(session.csrf_token);
      client.setQueryData(SESSION_KEY, session);
      restored();
      tellOtherTabs();
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    },
  });
}

export function useSignInByLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => api.post<Session>("/sign-in/link", { body: { token } }),
    onSuccess: (session) => enter(client, session),
  });
}

/** Forgets who was signed in here, and all that was read for them. */
export function useForgetSession(): () => void {
  const client = useQueryClient();
  return () => {
    setCsrfToken(null);
    keepFor(null);
    forgetTranscripts();
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    client.setQueryData(SESSION_KEY, null);
  };
}

export function useSignOut() {
  return useMutation({ mutationFn: () => api.post<void>("/sign-out"), onSuccess: useForgetSession() });
}

export const termsQuery = queryOptions({
  queryKey: ["terms"],
  queryFn: ({ signal }) => api.get<Terms>("/terms", { signal }),
});

export function useConsent() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (version: string) => api.post<void>("/consent", { body: { terms_version: version } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION_KEY }),
  });
}

export function invitationQuery(token: string) {
  return queryOptions({
    queryKey: ["invitation", token],
    enabled: token !== "",
    queryFn: ({ signal }) => api.get<InvitationOffer>(`/invitations/${encodeURIComponent(token)}`, { signal }),
  });
}

export function useAcceptInvitation(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; email: string; password: string; terms_version: string }) =>
      api.post<Session>(`/invitations/${encodeURIComponent(token)}/accept`, { body }),
    onSuccess: (session) => enter(client, session),
  });
}
