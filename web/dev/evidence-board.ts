import type { AxisStandings, Leaderboard, Pairing, Provenance, Standing } from "../src/api/evidence-types.ts";
import { around, chance, halfShare, NOTHING, normal, sigmoid } from "./evidence-chance.ts";

/** A made-up leaderboard: true strengths in, votes and estimates out. */

export interface MadeArm {
  name: string;
  agent: string;
  /** Log odds against the average arm. */
  strength: number;
  /** What is left of it with size held equal. */
  held: number;
  lines: number;
}

export const AXES = ["overall", "correctness", "security", "reliability", "maintainability"];
const LEAN: Record<string, number> = { correctness: 1.1, security: 0.35, reliability: 0.7, maintainability: 1.45 };

export const FOUR: MadeArm[] = [
  { name: "tuned-3", agent: "claude-code 2.1 × m-large-ft3", strength: 0.26, held: 0.29, lines: 74 },
  { name: "tuned-2", agent: "claude-code 2.1 × m-large-ft2", strength: 0.1, held: 0.08, lines: 91 },
  { name: "current", agent: "claude-code 2.1 × m-large", strength: -0.06, held: -0.1, lines: 118 },
  { name: "terse", agent: "opencode 0.9 × m-small", strength: -0.3, held: -0.27, lines: 52 },
];

export const FORTY: MadeArm[] = Array.from({ length: 40 }, (_, index) => ({
  name:
    index === 3 ? "an-arm-with-a-name-that-somebody-thought-long-about" : `sweep-${String(index + 1).padStart(2, "0")}`,
  agent: `opencode 0.9 × sweep ${index + 1}`,
  strength: 0.7 - index * 0.035,
  held: 0.6 - index * 0.03,
  lines: 40 + ((index * 37) % 160),
}));

export function provenance(method: string, notes: string[]): Provenance {
  return {
    method,
    data_hash: "sha256:7d1f0c5b8e3a94d26f7b1c0e9a8d5f4432b61c7e0d9f8a7b6c5d4e3f2a1b0c9d",
    computed_at: new Date(Date.now() - 40_000).toISOString(),
    versions: { marlin: "0.1.0", numpy: "2.4.1", scipy: "1.17.0", python: "3.11.9" },
    notes,
  };
}

function pair(first: MadeArm, second: MadeArm, votes: number, next: () => number): Pairing {
  const bad = Math.round(votes * 0.055);
  const ties = Math.round(votes * 0.13);
  const decided = votes - bad - ties;
  const share = Math.min(0.97, Math.max(0.03, sigmoid(second.strength - first.strength) + normal(next) * 0.02));
  const wins = Math.round(decided * share);
  return {
    first: first.name,
    second: second.name,
    votes,
    first_wins: decided - wins,
    second_wins: wins,
    ties,
    both_bad: bad,
    share: votes === 0 ? NOTHING : around(wins / Math.max(decided, 1), halfShare(share, decided), 0, 1),
  };
}

function standings(
  arms: MadeArm[],
  pairings: Pairing[],
  strength: (arm: MadeArm) => number,
  apart: Set<string>,
): Standing[] {
  const rows = arms.map((arm) => {
    const mine = pairings.filter((one) => one.first === arm.name || one.second === arm.name);
    const sum = (read: (one: Pairing, second: boolean) => number) =>
      mine.reduce((total, one) => total + read(one, one.second === arm.name), 0);
    const votes = sum((one) => one.votes);
    const score = strength(arm) * 173.7;
    return {
      arm: arm.name,
      agent: arm.agent,
      score: apart.has(arm.name) || votes === 0 ? NOTHING : around(score, 347 / Math.sqrt(votes) + 6),
      votes,
      wins: sum((one, second) => (second ? one.second_wins : one.first_wins)),
      losses: sum((one, second) => (second ? one.first_wins : one.second_wins)),
      ties: sum((one) => one.ties),
      both_bad: sum((one) => one.both_bad),
      week_change: apart.has(arm.name) || votes < 20 ? null : Math.round(Math.sin(arm.lines) * 14),
    };
  });
  const score = (row: (typeof rows)[number]) => row.score.estimate ?? -Infinity;
  rows.sort((one, other) => score(other) - score(one));
  return rows.map((row, index) => {
    if (row.score.estimate == null) return { ...row, rank: null, rank_low: null, rank_high: null };
    const above = rows.filter((one) => (one.score.low ?? 1e9) > (row.score.high ?? 0)).length;
    const below = rows.filter((one) => (one.score.high ?? -1e9) < (row.score.low ?? 0)).length;
    return { ...row, rank: index + 1, rank_low: above + 1, rank_high: rows.length - below };
  });
}

export interface BoardWish {
  arms: MadeArm[];
  comparisons: number;
  axis: string;
  slice: string;
  synthetic?: boolean;
  contributors?: number;
  notes?: string[];
  /** Arms that were never compared with the rest. */
  apart?: string[];
}

export function board(wish: BoardWish): Leaderboard {
  const next = chance(7 + wish.axis.length);
  const apart = new Set(wish.apart ?? []);
  const votes = Math.round(wish.comparisons * 1.62);
  const couples = wish.arms.flatMap((first, index) =>
    wish.arms.slice(index + 1).map((second) => [first, second] as const),
  );
  const met = couples.filter(([one, two]) => apart.has(one.name) === apart.has(two.name));
  const each = votes / Math.max(met.length, 1);
  const on = (axis: string) => {
    const lean = LEAN[axis] ?? 1;
    const arms = wish.arms.map((arm) => ({ ...arm, strength: arm.strength * lean }));
    const found = couples.map(([first, second], index) => {
      const [one, two] = [arms.find((arm) => arm.name === first.name), arms.find((arm) => arm.name === second.name)];
      if (!one || !two) throw new Error("an arm is missing");
      const count = met.some(([a, b]) => a === first && b === second)
        ? Math.max(0, Math.round(each * (0.8 + ((index * 7) % 5) / 10)))
        : 0;
      return pair(one, two, Math.min(count, votes), next);
    });
    return { pairings: found, standings: standings(arms, found, (arm) => arm.strength, apart) };
  };
  const own = on(wish.axis);
  const enough = votes >= 100;
  const sum = (read: (one: Pairing) => number) => own.pairings.reduce((total, one) => total + read(one), 0);
  const profile: AxisStandings[] = AXES.map((axis) => ({ axis, standings: on(axis).standings }));
  return {
    campaign_id: "camp-1",
    campaign: "secure-refactoring",
    title: "Real repositories: fixes that hold",
    synthetic: wish.synthetic ?? false,
    axis: wish.axis,
    axes: AXES,
    slice: wish.slice,
    categories: votes
      ? {
          bug_fix: Math.round(votes * 0.38),
          feature: Math.round(votes * 0.21),
          refactor: Math.round(votes * 0.19),
          security: Math.round(votes * 0.14),
          tests: Math.round(votes * 0.08),
        }
      : {},
    languages: votes
      ? {
          python: Math.round(votes * 0.52),
          typescript: Math.round(votes * 0.27),
          go: Math.round(votes * 0.13),
          other: Math.round(votes * 0.08),
        }
      : {},
    agents: [...new Set(wish.arms.map((arm) => arm.agent))],
    counts: {
      comparisons: wish.comparisons,
      votes: sum((one) => one.votes),
      contributors: wish.contributors ?? Math.min(47, wish.comparisons),
      ties: sum((one) => one.ties),
      both_bad: sum((one) => one.both_bad),
      left_out: enough
        ? { "later turns that continued each side's own work": 31, "an arm compared with itself": 24 }
        : {},
    },
    standings: own.standings,
    controlled: enough
      ? standings(wish.arms, own.pairings, (arm) => arm.held, apart).map((row) => ({
          ...row,
          rank_low: null,
          rank_high: null,
          week_change: null,
        }))
      : [],
    effects: enough
      ? [
          { name: "side", unit: "being shown as side A", effect: around(-0.06, 0.11) },
          {
            name: "changed lines",
            unit: "one standard deviation more changed lines (logarithm)",
            effect: around(-0.13, 0.08),
          },
          { name: "files", unit: "one standard deviation more files (logarithm)", effect: around(-0.02, 0.06) },
          {
            name: "model calls",
            unit: "one standard deviation more model calls (logarithm)",
            effect: around(0.04, 0.09),
          },
        ]
      : [],
    pairings: own.pairings,
    profile,
    sizes: wish.arms.map((arm, index) => ({
      arm: arm.name,
      results: votes ? Math.round(votes / wish.arms.length) : 0,
      changed_lines: votes ? arm.lines : null,
      files: votes ? Math.round(arm.lines / 22) : null,
      complexity: votes ? Math.round(arm.lines / 9) / 2 : null,
      duplicated_lines: votes ? Math.round(arm.lines * 0.4) / 10 : null,
      new_dependencies: votes ? Math.round(arm.lines / 4) / 100 : null,
      steps: votes ? 18 + ((index * 13) % 29) : null,
      usd: votes ? 0.6 + (arm.lines % 50) / 31 : null,
      passed: votes ? Math.min(0.99, sigmoid(arm.strength + 1.6)) : null,
    })),
    provenance: provenance(
      "Davidson's model with ties by Newton's method on pooled counts; 95 % intervals by a sandwich clustered by contributor, " +
        "the turns of a task as one cluster, with a small-sample correction (CR2)",
      wish.notes ?? ["One contributor gave 9 % of all votes; at most 10 % are counted."],
    ),
  };
}
