import type { Interval } from "../src/api/evidence-types.ts";

/** Small mathematics of the made-up evidence: the same numbers at every start, none of them exact. */

export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** About normal, sd 1. */
export const normal = (next: () => number): number => (next() + next() + next() + next() - 2) * 1.73;

export function around(estimate: number, half: number, low = -Infinity, high = Infinity): Interval {
  return { estimate, low: Math.max(low, estimate - half), high: Math.min(high, estimate + half) };
}

export const NOTHING: Interval = { estimate: null, low: null, high: null };

/** Half the width of a share's interval after n votes of people who are not quite independent. */
export const halfShare = (share: number, votes: number): number =>
  2.05 * Math.sqrt((share * (1 - share)) / Math.max(votes, 1));
