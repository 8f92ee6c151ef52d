import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, setCsrfToken } from "./client";
import { asProblem } from "./problem";
import type { InvitationOffer, Role, Session, Terms } from "./types";

const SESSION_KEY = ["session"] as const;

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await api.get<Session>("/session", { signal });
      setCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (asProblem(error).status === 401) {
        setCsrfToken(null);
        return null;
      }
      throw error;
    }
  },
});

export function useSession() {
  return useQuery(sessionQuery);
}

export function useRoles(): Role[] {
  return useSession().data?.person.roles ?? [];
}

function enter(client: QueryClient, session: Session): void {
  setCsrfToken(session.csrf_token);
  // Another person's data must not be seen after a change of person.
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  client.setQueryData(SESSION_KEY, session);
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => api.post<Session>("/sign-in", { body }),
    onSuccess: (session) => enter(client, session),
  });
}

export function useSignInByLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => api.post<Session>("/sign-in/link", { body: { token } }),
    onSuccess: (session) => enter(client, session),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<void>("/sign-out"),
    onSuccess: () => {
      setCsrfToken(null);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      client.setQueryData(SESSION_KEY, null);
    },
  });
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
