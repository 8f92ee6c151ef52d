import type { Agreement, ContributorReliability, Drift, Week } from "../src/api/evidence-types.ts";
import { AXES, provenance } from "./evidence-board.ts";
import { around, chance, halfShare, NOTHING, normal } from "./evidence-chance.ts";

const FIRST = ["Ada", "Ravi", "Mei", "Tomás", "Ngozi", "Ingrid", "Yusuf", "Lena", "Kofi", "Sofia", "Arjun", "Hana"];
const LAST = ["Castellanos", "Iyer", "Lindqvist", "Okafor", "Tanaka", "Moreau", "Haddad", "Novak", "Silva", "Petrov"];

function people(count: number, votes: number): ContributorReliability[] {
  const next = chance(11);
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 6) + next() * 0.06);
  const total = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((weight, index) => {
    const own = Math.max(1, Math.round((votes * weight) / total));
    const overlapping = Math.round(own * 0.24);
    const agreement = Math.min(0.93, Math.max(0.4, 0.71 + normal(next) * 0.07));
    const leans = index === 4 ? 0.81 : 0.5 + normal(next) * 0.05;
    const flags = [];
    if (index === 4) flags.push("Prefers one side of the screen more than chance explains.");
    if (index === 6) flags.push("Prefers amber in 100% of 19 votes; others did in 46% on the same pairs.");
    if (index === 9) flags.push("Seldom says what others say of the same results.");
    if (index === 0) flags.push("Gave 9 % of all votes: results rest on one person's judgement.");
    return {
      person_id: `p-${index}`,
      name: `${FIRST[index % FIRST.length]} ${LAST[(index * 3) % LAST.length]}${index >= 60 ? ` ${index}` : ""}`,
      votes: own,
      share_of_votes: own / votes,
      overlapping,
      agreement: overlapping < 2 ? NOTHING : around(index === 9 ? 0.38 : agreement, halfShare(0.7, overlapping), 0, 1),
      reliability:
        overlapping < 3
          ? NOTHING
          : around(index === 9 ? 0.49 : agreement + 0.08, halfShare(0.75, overlapping * 2), 0, 1),
      left_share: around(Math.min(0.95, Math.max(0.05, leans)), halfShare(0.5, own), 0, 1),
      gold_tasks: index % 4,
      gold:
        index % 4 === 0
          ? NOTHING
          : around(Math.round((index % 4) * (index === 9 ? 0.3 : 0.8)) / (index % 4), 0.3, 0, 1),
      flags,
    };
  });
}

function drifts(votes: number, overlap: boolean): Drift[] {
  const side: Drift = { what: "side", change: around(-0.012, 0.05), p_value: 0.64, values: votes };
  const agreed: Drift = {
    what: "agreement",
    change: around(-0.081, 0.06),
    p_value: 0.009,
    values: Math.round(votes * 0.22),
  };
  return overlap ? [agreed, side] : [side];
}

function weeks(count: number): Week[] {
  const next = chance(5);
  return Array.from({ length: count }, (_, index) => {
    const monday = new Date(Date.UTC(2026, 8, 7 + index * 7));
    const votes = Math.round(62 + index * 5 + normal(next) * 12);
    return {
      week: monday.toISOString().slice(0, 10),
      votes,
      second_share: 0.51 + normal(next) * 0.03,
      agreement: index === 5 ? null : 0.72 + normal(next) * 0.03 - index * 0.003,
      usd: Math.round(votes / 1.62) * 280,
    };
  });
}

export function agreement(votes: number, contributors: number, overlap = true): Agreement {
  const alphas = [0.43, 0.52, 0.31, 0.36, 0.47];
  return {
    campaign_id: "camp-1",
    axes: AXES.map((axis, index) => ({
      axis,
      items: overlap ? Math.round(votes * 0.11) : 0,
      alpha: overlap ? around(alphas[index] ?? 0.4, 0.075) : NOTHING,
      agreement: overlap ? around(0.64 + (alphas[index] ?? 0.4) * 0.17, 0.05) : NOTHING,
    })),
    ceiling: overlap ? around(0.712, 0.047) : NOTHING,
    side: votes > 1 ? around(0.487, halfShare(0.5, votes), 0, 1) : NOTHING,
    same_arm: overlap ? around(0.53, 0.19) : NOTHING,
    same_arm_equal: overlap ? 0.58 : null,
    themselves: overlap
      ? { same: around(0.82, 0.076), judged_twice: Math.round(votes * 0.05), people: 21, mean_move: 0.74 }
      : { same: NOTHING, judged_twice: 0, people: 0, mean_move: null },
    contributors: votes ? people(contributors, votes) : [],
    weeks: votes > 20 ? weeks(11) : [],
    drifts: votes > 20 ? drifts(votes, overlap) : [],
    provenance: provenance(
      "Krippendorff's alpha with ordinal distances, intervals by a bootstrap of results; reliability by a Dawid–Skene model on " +
        "overlap and gold tasks",
      overlap
        ? ["Overlap is 11 % of results: agreement of single people is known roughly."]
        : [
            "No result was judged by two people, so agreement can't be estimated. Set overlap in the campaign's assignment policy.",
          ],
    ),
  };
}
