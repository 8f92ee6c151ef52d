import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, newIdempotencyKey } from "./client";
import type {
  Agreement,
  Allocation,
  Changes,
  Decision,
  Leaderboard,
  Plan,
  Question,
  QuestionWish,
  SliceWish,
} from "./evidence-types";
import { asProblem } from "./problem";

/** Every look at standings is written into the audit log, so nothing here is fetched again behind a person's back. */
const LOOKED_AT = { staleTime: 5 * 60_000, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

function key(campaign: string, ...rest: unknown[]) {
  return ["campaigns", campaign, "evidence", ...rest];
}

/** Where the question stands; null before one is registered. */
export function decisionQuery(campaign: string) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "decision"),
    queryFn: ({ signal }) => api.get<Decision | null>(`/campaigns/${campaign}/decision`, { signal }),
  });
}

/** What is new since seven days ago. */
export function changesQuery(campaign: string) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "changes"),
    queryFn: ({ signal }) => api.get<Changes>(`/campaigns/${campaign}/changes`, { signal }),
  });
}

export function questionsQuery(campaign: string) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "questions"),
    queryFn: ({ signal }) => api.get<Question[]>(`/campaigns/${campaign}/questions`, { signal }),
  });
}

export function leaderboardQuery(campaign: string, wish: SliceWish) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "leaderboard", wish),
    // What was chosen before stays until the next is there: a table that jumps away can't be compared.
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Leaderboard>(`/campaigns/${campaign}/leaderboard`, { signal, query: { ...wish } }),
  });
}

export function agreementQuery(campaign: string) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "agreement"),
    queryFn: ({ signal }) => api.get<Agreement>(`/campaigns/${campaign}/agreement`, { signal }),
  });
}

/** What a question would cost and find. Nothing is kept, and the same wish has the same answer. */
export function planQuery(campaign: string, wish: QuestionWish | null) {
  return queryOptions({
    queryKey: key(campaign, "plan", wish),
    enabled: wish !== null,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.post<Plan>(`/campaigns/${campaign}/plan`, { signal, body: wish }),
  });
}

/** What to buy for a budget; null asks nothing. */
export function allocationQuery(campaign: string, axis: string, budget: number | null) {
  return queryOptions({
    ...LOOKED_AT,
    queryKey: key(campaign, "allocation", axis, budget),
    enabled: budget !== null,
    queryFn: ({ signal }) =>
      api.get<Allocation>(`/campaigns/${campaign}/allocation`, { signal, query: { axis, budget_usd: budget } }),
  });
}

/** Refused because there is a version that the person has not seen. */
const UNSEEN = ["question-registered", "question-changed"];

/**
 * Registers a question, or amends it. Then, or if there is one that the person has not seen, it is fetched anew, which
 * may put another page in place of the form; what must happen in any case is told before.
 */
export function useRegisterQuestion(campaign: string, told: { onMade: () => void; onUnseen: () => void }) {
  const client = useQueryClient();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: key(campaign, "questions") }),
      client.invalidateQueries({ queryKey: key(campaign, "decision") }),
    ]);
  return useMutation({
    mutationFn: (body: QuestionWish) =>
      api.post<Question>(`/campaigns/${campaign}/questions`, { body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      told.onMade();
      await renew();
    },
    onError: async (error) => {
      if (!UNSEEN.includes(asProblem(error).code)) return;
      told.onUnseen();
      await renew();
    },
  });
}

export function useRefreshEvidence(campaign: string): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: key(campaign), refetchType: "active" });
}

export type EvidenceFile = "leaderboard.csv" | "report.html" | "votes.csv";
type OnBytes = (bytes: number) => void;

/** Fetches a file and hands it to the browser, so that a refusal is an error on the page and not a page of its own. */
export function useDownload(campaign: string) {
  return useMutation({
    mutationFn: async ({ file, query, onBytes }: { file: EvidenceFile; query?: SliceWish; onBytes?: OnBytes }) => {
      const response = await api.raw(`/campaigns/${campaign}/${file}`, { query: { ...query } });
      const name = fileName(response.headers.get("Content-Disposition")) ?? file;
      const address = URL.createObjectURL(await received(response, onBytes));
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      return name;
    },
  });
}

/** What was sent, telling how much there is so far: a large file is made while it is sent. */
async function received(response: Response, onBytes?: OnBytes): Promise<Blob> {
  if (!response.body || !onBytes) return response.blob();
  const reader = response.body.getReader();
  const parts: BlobPart[] = [];
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    bytes += part.value.length;
    onBytes(bytes);
  }
  return new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
}

/** The name that a server gives to a file it sends. */
export function fileName(disposition: string | null): string | null {
  return /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? null;
}
