import type { Changes, Decision, Leaderboard, Question, QuestionWish } from "../src/api/evidence-types.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { agreement } from "./evidence-agreement.ts";
import { type BoardWish, board, FORTY, FOUR } from "./evidence-board.ts";
import { decision, plan, question } from "./evidence-decision.ts";

/**
 * Evidence of made-up campaigns, one for each state: `/operator/campaigns/<name>/evidence` with a name of `CASES`.
 * Dozens of numbers that look right; the mathematics is the real API's.
 */

interface Case {
  board: Partial<BoardWish>;
  overlap?: boolean;
  decision?: () => Decision;
  /** Its answers take that long. */
  slow?: number;
  failing?: boolean;
}

export const CASES: Record<string, Case> = {
  "camp-1": {
    board: {},
    decision: () => decision(question({}), 318, 0.57, "collecting"),
  },
  "camp-decided": {
    board: {},
    decision: () =>
      decision(
        question({
          version: 2,
          accepted_before: 41,
          most_comparisons: 780,
          reason: "The cap was 600; finance agreed to more after two contributors had been found to vote blindly.",
          created_at: "2026-10-20T15:02:00Z",
        }),
        468,
        0.585,
        "second_preferred",
      ),
  },
  "camp-futile": {
    board: {},
    decision: () => decision(question({ when_decided: "pause" }), 390, 0.503, "no_difference"),
  },
  "camp-unasked": { board: {} },
  "camp-empty": { board: { comparisons: 0, contributors: 0, notes: ["No vote was accepted yet."] }, overlap: false },
  "camp-one": {
    board: {
      comparisons: 1,
      contributors: 1,
      arms: FOUR.slice(0, 2),
      notes: ["One vote: nothing can be estimated from it."],
    },
    overlap: false,
    decision: () => decision(question({}), 1, 0.6, "collecting"),
  },
  "camp-split": {
    board: {
      apart: ["terse"],
      notes: [
        "terse was never compared with the other arms, so it has no score beside theirs. Add comparisons between them.",
      ],
    },
  },
  "camp-synthetic": {
    board: { synthetic: true },
    decision: () => decision(question({}), 234, 0.6, "collecting"),
  },
  "camp-failing": { board: {}, failing: true },
  "camp-slow": { board: {}, slow: 3500 },
  "camp-large": { board: { arms: FORTY, comparisons: 14_000, contributors: 300 } },
};

/** A week in which the first two arms changed places. */
function changes(shown: Leaderboard, decided: Decision | null): Changes {
  const votes = Math.min(46, shown.counts.votes);
  const nothing = { estimate: null, low: null, high: null };
  const [first, second] = shown.standings;
  const moved = votes > 1 && first?.rank === 1 && second?.rank === 2;
  const place = (arm: string, rank: number | null) =>
    !moved ? rank : arm === first?.arm ? 2 : arm === second?.arm ? 1 : rank;
  return {
    since: "2026-11-12T09:00:00Z",
    comparisons: votes,
    votes,
    contributors: Math.min(17, shown.counts.contributors),
    new_contributors: Math.min(3, shown.counts.contributors),
    usd: votes * 280,
    moves: shown.standings.map((row) => ({
      arm: row.arm,
      rank_then: place(row.arm, row.rank),
      rank_now: row.rank,
      score_then:
        row.score.estimate == null || row.week_change == null
          ? nothing
          : {
              estimate: row.score.estimate - row.week_change,
              low: (row.score.low ?? 0) - row.week_change - 4,
              high: (row.score.high ?? 0) - row.week_change + 4,
            },
      score_now: row.score,
      new_votes: Math.round(votes / 2),
    })),
    decision: decided && {
      registered_since: false,
      state_then: "collecting",
      state_now: decided.state,
      share_then: nothing,
      share_now: decided.share,
      looks_then: 0,
      looks_now: decided.looks.filter((look) => look.reached).length,
      newly_decided: decided.state !== "collecting",
      words: decided.words,
    },
    agreement_then: { estimate: 0.7, low: 0.64, high: 0.76 },
    agreement_now: { estimate: 0.71, low: 0.66, high: 0.77 },
    words:
      votes === 0
        ? ["No comparison was accepted since 2026-11-12."]
        : [
            ...(decided && decided.state !== "collecting" ? [`Newly settled: ${decided.words}`] : []),
            `${votes === 1 ? "1 comparison" : `${votes} comparisons`} accepted from ${shown.counts.contributors > 16 ? "17 contributors, 3 of them for the first time" : "1 contributor"}, for $${(votes * 280).toLocaleString("en-US")}.`,
            moved ? `${first?.arm} went from place 2 to 1.` : "No arm changed its place.",
            "Agreement of two people on the same results: 70 % [64, 76], now 71 % [66, 77].",
          ],
  };
}

const asked = new Map<string, Question[]>();

export function evidence({ method, parts, query, body }: Call): Answer | null {
  const [, id = "", what] = parts;
  const found = CASES[id];
  if (!found) return null;
  if (
    ![
      "leaderboard",
      "leaderboard.csv",
      "report.html",
      "votes.csv",
      "agreement",
      "changes",
      "decision",
      "questions",
      "plan",
      "allocation",
    ].includes(what ?? "")
  )
    return null;
  if (found.failing)
    throw new Refusal(500, "internal", "The server failed to answer.", {
      hint: "Tell whoever runs Marlin; the log says why.",
    });
  const after = found.slow;
  const axis = query.get("axis") ?? "overall";
  const chosen = ["category", "language", "agent", "turn"].flatMap((name) => query.get(name) ?? []);
  const part = 0.6 ** chosen.length;
  const wish: BoardWish = {
    arms: FOUR,
    comparisons: 640,
    axis,
    slice: chosen.join(", ") || "all votes",
    ...found.board,
  };
  const shown = board({ ...wish, comparisons: Math.round(wish.comparisons * part) });
  const questions = asked.get(id) ?? (found.decision ? versions(found.decision().question) : []);
  switch (what) {
    case "leaderboard":
      return { json: { ...shown, campaign_id: id }, after };
    case "leaderboard.csv":
      return {
        text: `arm,score\n${shown.standings.map((row) => `${row.arm},${row.score.estimate ?? ""}`).join("\n")}\n`,
        type: "text/csv; charset=utf-8",
        name: "secure-refactoring-leaderboard.csv",
        after: 600,
      };
    case "votes.csv":
      return {
        text: `arm_a,arm_b,grade\n${"parent,tuned,1\n".repeat(shown.counts.votes)}`,
        type: "text/csv; charset=utf-8",
        name: "secure-refactoring-votes.csv",
        after: 600,
      };
    case "report.html":
      return {
        text: "<!doctype html><title>Report</title>",
        type: "text/html; charset=utf-8",
        name: "secure-refactoring.html",
        after: 600,
      };
    case "agreement":
      return { json: agreement(shown.counts.votes, shown.counts.contributors, found.overlap ?? true), after };
    case "changes":
      return { json: changes(shown, found.decision?.() ?? null), after };
    case "allocation": {
      const usd = Number(query.get("budget_usd"));
      const pairs = shown.pairings
        .filter((one) => one.votes > 0)
        .sort((one, other) => Math.abs((one.share.estimate ?? 0) - 0.5) - Math.abs((other.share.estimate ?? 0) - 0.5))
        .slice(0, 3);
      return {
        json: {
          pairs: pairs.map((one, index) => ({
            ...{ first: one.first, second: one.second, comparisons: Math.floor(usd / 280 / (index + 2)) },
            ...{ error_now: 2 / Math.sqrt(one.votes), error_after: 2 / Math.sqrt(one.votes + usd / 280 / (index + 2)) },
          })),
          ...{ usd, misordered_now: 0.62, misordered_after: 0.41, misordered_if_equal: 0.48 },
          provenance: shown.provenance,
        },
        after: 300,
      };
    }
    case "plan":
      return { json: plan(body as unknown as QuestionWish), after: found.slow ?? 150 };
    case "questions": {
      if (method === "GET") return { json: questions, after };
      const wanted = body as unknown as QuestionWish;
      if (questions.length > 0 && !wanted.amends)
        throw new Refusal(409, "question-registered", "The campaign has a registered question.", {
          hint: "To amend it, name that version in amends, and say why in reason.",
        });
      if (wanted.amends && wanted.amends !== questions.length)
        throw new Refusal(409, "question-changed", "The question was amended since you saw it.", {
          hint: "Nothing of yours was registered. Look at the newest version.",
        });
      const made = question({
        ...wanted,
        contributors: wanted.contributors ?? null,
        most_comparisons: wanted.most_comparisons ?? plan(wanted).most_comparisons,
        version: questions.length + 1,
        accepted_before: shown.counts.comparisons,
        created_at: new Date().toISOString(),
      });
      asked.set(id, [made, ...questions]);
      return { status: 201, json: made };
    }
    default: {
      const latest = questions[0];
      if (!latest) return { json: null, after };
      const made = found.decision?.();
      return {
        json: made
          ? { ...made, question: latest }
          : decision(latest, Math.min(shown.counts.comparisons, 96), 0.55, "collecting"),
        after,
      };
    }
  }
}

function versions(latest: Question): Question[] {
  if (latest.version === 1) return [latest];
  return [
    latest,
    {
      ...latest,
      version: 1,
      most_comparisons: 600,
      reason: "",
      accepted_before: 0,
      created_at: "2026-10-02T09:14:00Z",
    },
  ];
}
