import { apiUrl } from "../src/api/begun.ts";
import { isShown, openingTurn, patchAddress } from "../src/api/first-patches.ts";
import type { FollowUpDraft, FollowUpText, RatingAnswers, Review, ReviewDraft, Side } from "../src/api/types.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { checkLog } from "./checks.ts";
import { rating } from "./data.ts";
import { comments, finding } from "./judging.ts";
import { comparisonList, earnings } from "./lists.ts";
import { announce, LIVE, LIVE_PAST, page } from "./live.ts";
import { repositoryOf, type Tree, type TreeName } from "./repository.ts";
import { COMPARISONS, type Entry } from "./state.ts";
import { checkout, TERMINALS } from "./terminal.ts";
import { longTranscript, transcript } from "./transcripts.ts";
import { adjudicate, judgements } from "./work.ts";

/** Comparisons: their turns, results, ratings and what is drafted. */

const followUps = new Map<string, FollowUpDraft>();
const reviewDrafts = new Map<string, ReviewDraft>();
const viewed = new Map<string, Map<string, unknown>>();

/** The patch of the turn that is opened, and where it is else. */
function openingPatch({ parts, query, cookie }: Call, { comparison }: Entry): Answer {
  const mine = cookie !== "reviewer" && cookie !== "operator";
  const turn = openingTurn({ ...comparison, mine }, Number(query.get("turn")));
  const to = query.get("to") as Side;
  if (turn === undefined || !isShown(turn) || !turn.sides[to].commit) return {};
  const from = turn.number === 1 ? "base" : "start";
  const ignoreWhitespace = query.get("whitespace") === "ignore";
  const address = patchAddress({ comparison: comparison.id, turn: turn.number, from, to, ignoreWhitespace });
  const text = repositoryOf(parts[1] ?? "").diff(tree(from), tree(to), ignoreWhitespace);
  return { text, location: apiUrl(address.path, address.query) };
}

export function comparisons(call: Call): Answer {
  const { method, parts, query, body } = call;
  const [, id, what, number, action, last] = parts;
  if (!id && method === "POST") return { status: 201, json: COMPARISONS.get("running")?.comparison };
  if (!id) return comparisonList(call);
  if (id === "earnings") return earnings(call);
  const entry = COMPARISONS.get(id);
  if (!entry) throw new Refusal(404, "not-found", "There is no such comparison, or you may not see it.");
  const own = entry.ratings.turns[number ?? ""] ?? { rating: null, draft: null };
  switch (what) {
    case undefined:
      return { json: { ...entry.comparison, mine: call.cookie !== "reviewer" && call.cookie !== "operator" } };
    case "viewed": {
      const marks = viewed.get(id) ?? new Map<string, unknown>();
      viewed.set(id, marks);
      if (method === "GET") return { json: [...marks.values()] };
      for (const mark of body.marks as Record<string, string>[])
        if (body.viewed) marks.set(JSON.stringify(mark), mark);
        else marks.delete(JSON.stringify(mark));
      return {};
    }
    case "ratings":
      return { json: entry.ratings };
    case "opening":
      return openingPatch(call, entry);
    case "events":
      return { json: page(id === "live" || id === "shaky" ? LIVE.slice(0, LIVE_PAST) : [], query) };
    case "reviews": {
      if (number === "reopen" || (number === undefined && method === "POST")) return decided(call, entry);
      if (number !== "draft") return { json: seenBy(call, entry) };
      const known = reviewDrafts.get(id) ?? { revision: 0, comments: "", remarks: [], saved_at: null };
      if (method === "GET") return { json: known };
      const { comments: said, remarks } = body as unknown as ReviewDraft;
      if (known.revision !== body.revision)
        throw new Refusal(409, "draft-outdated", "This review was changed elsewhere.", { details: { draft: known } });
      const saved = { revision: known.revision + 1, comments: said, remarks, saved_at: new Date().toISOString() };
      reviewDrafts.set(id, saved);
      return { json: saved };
    }
    case "dispute": {
      const [latest] = entry.reviews;
      if (!latest?.can_dispute) throw new Refusal(409, "dispute-refused", "There is nothing to dispute.");
      latest.dispute = { text: String(body.text), at: new Date().toISOString() };
      latest.can_dispute = false;
      entry.comparison.status = "disputed";
      return { status: 201, json: latest };
    }
    case "terminals":
      return { json: TERMINALS.get(id) ?? [] };
    case "judgements":
      return { json: judgements() };
    case "adjudication":
      return { json: adjudicate(body) };
    case "gold":
      return {};
    case "operator":
      return {
        json: {
          comparison_id: id,
          arms: { A: "north", B: "south" },
          aa: false,
          repeats_id: null,
          draw: { seed: "b7728f5716c1c624", method: "sha256-parity-1" },
          terms: { reveal: "together", max_turns: 4 },
          prompt_skew_ms: { "1": 12 },
          sides: (["A", "B"] as const).map((side, i) => ({
            turn: 1,
            side,
            commit: "bef7d01".padEnd(40, "0"),
            attempts: [
              {
                number: 1,
                status: "finished",
                outcome: "completed",
                usage: { calls: 41 - 4 * i, input_tokens: 812_331, output_tokens: 20_114, usd: 1.92 - i },
                timings: { work_seconds: 214 + i },
                provenance: { sandbox: "bubblewrap 0.8" },
                redactions: {},
                started_at: "2026-11-25T09:00:00Z",
                finished_at: "2026-11-25T09:04:00Z",
              },
            ],
          })),
        },
      };
    case "comments":
      return comments(call);
    case "follow-up":
      return {
        json: {
          problems: /make it better/i.test(String(body.prompt))
            ? [finding("prompt", String(body.prompt), "make it better")]
            : [],
          unread: [],
        },
      };
    case "submission":
      return {
        json: {
          problems:
            id === "second"
              ? [
                  {
                    code: "text-against-scores",
                    severity: "warning",
                    turn: 1,
                    field: "justification",
                    message: "The words praise B, the points for security are nearly equal.",
                    hint: "Change one of them, or say that it is meant.",
                    marks: [],
                    acknowledged: false,
                  },
                  COPIED,
                ]
              : id === "submitted"
                ? [{ ...COPIED, acknowledged: true }]
                : [],
        },
      };
    case "submit":
      entry.comparison.status = "submitted";
      entry.ratings.actions = {
        rate: { allowed: false, reason: null },
        undo_rating: { allowed: false, reason: null },
        submit: { allowed: false, reason: null },
      };
      return { json: entry.comparison };
    case "checks":
      return { text: checkLog(call.parts[3] ?? "") };
    case "turns":
      break;
    default:
      throw new Refusal(404, "not-found", "There is no such thing.");
  }
  switch (action) {
    case "terminals":
      return { status: 201, json: { id: `open-${id}`, turn: Number(number), side: body.side, status: "waiting" } };
    case "checkouts":
      return { status: 201, json: checkout(Number(number)) };
    case "patch":
      return {
        text: repositoryOf(id).diff(
          tree(query.get("from")),
          tree(query.get("to")),
          query.get("whitespace") === "ignore",
        ),
      };
    case "blob":
      return { text: repositoryOf(id).tree(tree(query.get("at")))[query.get("path") ?? ""] ?? "" };
    case "tree":
      return {
        json: {
          files: Object.entries(repositoryOf(id).tree(tree(query.get("at"))))
            .map(([path, text]) => ({ path, mode: "100644", size: Buffer.byteLength(text), id: "0".repeat(40) }))
            .sort((one, other) => (one.path < other.path ? -1 : 1)),
          complete: true,
        },
      };
    case "search":
      return { json: { lines: found(repositoryOf(id).tree(tree(query.get("at"))), query), complete: true } };
    case "transcript": {
      const side = query.get("side") as Side;
      return { json: page(id === "long" ? longTranscript(side) : transcript(side, Number(number), 220, 1), query) };
    }
    case "follow-up": {
      const key = `${entry.comparison.id}/${number}`;
      const known = followUps.get(key) ?? { revision: 0, prompt: "", continue_from: null, saved_at: null };
      if (method === "GET") return { json: known };
      const { prompt, continue_from } = body as unknown as FollowUpText;
      if (known.prompt === prompt && known.continue_from === continue_from) return { json: known };
      if (known.revision !== body.revision)
        throw new Refusal(409, "draft-outdated", "This draft was changed elsewhere.", { details: { draft: known } });
      const saved = { revision: known.revision + 1, prompt, continue_from, saved_at: new Date().toISOString() };
      followUps.set(key, saved);
      return { json: saved };
    }
    case "expectation": {
      const turn = entry.comparison.turns.find((one) => one.number === Number(number));
      // It is its contributor's alone, whoever looks at the page.
      if (!turn || call.cookie !== "contributor") throw new Refusal(404, "not-found", "There is no such turn.");
      if (body.before !== undefined && ![body.before, body.text].includes(turn.expectation))
        throw new Refusal(409, "draft-outdated", "It was changed elsewhere.", { details: { text: turn.expectation } });
      turn.expectation = String(body.text);
      return {};
    }
    case "rating":
      if (last === "check") {
        const why = String(body.justification ?? "");
        return {
          json: {
            problems: why.includes("A is safer") ? [finding("justification", why, "A is safer")] : [],
            unread: why.includes(" ist ") ? ["justification"] : [],
          },
        };
      }
      if (last === "draft") {
        if (method === "PUT" && own.draft && JSON.stringify(own.draft.answers) === JSON.stringify(body.answers))
          return { json: own.draft };
        if (method === "PUT" && (own.draft?.revision ?? 0) !== body.revision)
          throw new Refusal(409, "draft-outdated", "This turn’s draft was changed elsewhere.", {
            details: { draft: own.draft },
          });
        if (method === "GET") return { json: own.draft };
        const draft = {
          revision: (own.draft?.revision ?? 0) + 1,
          answers: (body.answers ?? {}) as RatingAnswers,
          saved_at: new Date().toISOString(),
        };
        entry.ratings.turns[number ?? ""] = { ...own, draft };
        return { json: draft };
      }
      if (method === "DELETE")
        entry.ratings = {
          turns: { ...entry.ratings.turns, [number ?? ""]: { ...own, rating: null } },
          actions: { ...entry.ratings.actions, rate: { allowed: true, reason: null } },
        };
      else {
        const answers = body as unknown as RatingAnswers;
        const preferred = (answers.overall ?? 0) < 0 ? "A" : (answers.overall ?? 0) > 0 ? "B" : null;
        entry.ratings.turns[number ?? ""] = { rating: { ...rating({}, preferred), answers }, draft: null };
        entry.ratings.actions.undo_rating = { allowed: true, reason: null };
        entry.comparison.actions.follow_up = { allowed: true, reason: null };
      }
      announce(id, Number(number), method !== "DELETE");
      return method === "DELETE" ? {} : { status: 201, json: entry.ratings.turns[number ?? ""]?.rating };
    default:
      return { json: { ok: true } };
  }
}

const COPIED = {
  code: "justification-copied",
  severity: "warning",
  turn: 1,
  field: "justification",
  message: "The justification of turn 1 is nearly that of another comparison of the same person.",
  hint: "Say what decided between these two results. Copied reasons are a ground for rejection.",
  marks: [],
  acknowledged: false,
  refers: { comparison_id: "accepted", turn: 1, title: "Keep rows when a file ends without a newline" },
};

/** A review is sent, or what was decided taken back. Who comes second hears what happened. */
function decided(call: Call, entry: Entry): Answer {
  const { body, parts } = call;
  const [latest] = entry.reviews;
  const reopen = parts[3] === "reopen";
  if (!reopen && !["submitted", "disputed"].includes(entry.comparison.status))
    throw new Refusal(409, "decided-meanwhile", "Another reviewer has rejected this; your review was not recorded.", {
      hint: "Reload the page to see what was said.",
    });
  const decision = reopen ? "reopen" : (body.decision as Review["decision"]);
  const made: Review = {
    id: `made-${entry.reviews.length}`,
    comparison_id: entry.comparison.id,
    decision,
    reason: (body.reason as Review["reason"]) ?? null,
    comments: String(body.comments ?? ""),
    remarks: [],
    at: new Date().toISOString(),
    mine: false,
    on_dispute: entry.comparison.status === "disputed",
    dispute: null,
    can_dispute: decision === "reject" && latest?.dispute == null,
    can_reopen: false,
    kept_because: null,
  };
  entry.reviews.unshift(made);
  const then = { accept: "accepted", return: "returned", reject: "rejected", reopen: "submitted" } as const;
  entry.comparison.status = then[decision];
  return { status: 201, json: made };
}

/** Only the contributor disputes; whoever decided takes it back, and operators what was rejected. */
function seenBy(call: Call, entry: Entry): Review[] {
  const takers: Record<string, string[]> = {
    rejected: ["reviewer", "operator"],
    returned: ["reviewer"],
    accepted: ["reviewer"],
  };
  return entry.reviews.map((review, place) => ({
    ...review,
    can_dispute: review.can_dispute && call.cookie !== "reviewer" && call.cookie !== "operator",
    can_reopen: place === 0 && (takers[entry.comparison.status] ?? []).includes(call.cookie),
    mine:
      call.cookie === "reviewer" && (review.id.startsWith("made-") || ["accept", "return"].includes(review.decision)),
  }));
}

function found(files: Tree, query: URLSearchParams) {
  const exact = query.get("case") === "match";
  const fold = (text: string) => (exact ? text : text.toLowerCase());
  const wanted = fold(query.get("text") ?? "");
  return Object.entries(files).flatMap(([path, text]) =>
    String(text)
      .split("\n")
      .flatMap((line, i) => (fold(line).includes(wanted) ? [{ path, line: i + 1, text: line }] : [])),
  );
}

function tree(name: string | null): TreeName {
  return name === "A" || name === "B" ? name : "base";
}
