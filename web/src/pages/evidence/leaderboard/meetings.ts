import type { Interval, Pairing } from "../../../api/evidence-types";

/** What one arm's row says of another. */
export interface Meeting {
  share: Interval;
  wins: number;
  losses: number;
  ties: number;
  bad: number;
  votes: number;
}

/** Pairings from both sides, by "row\ncolumn": names hold no line break. */
export function meetings(pairings: Pairing[]): Map<string, Meeting> {
  const found = new Map<string, Meeting>();
  for (const one of pairings) {
    const both = { ties: one.ties, bad: one.both_bad, votes: one.votes };
    found.set(`${one.second}\n${one.first}`, {
      ...both,
      share: one.share,
      wins: one.second_wins,
      losses: one.first_wins,
    });
    found.set(`${one.first}\n${one.second}`, {
      ...both,
      share: turned(one.share),
      wins: one.first_wins,
      losses: one.second_wins,
    });
  }
  return found;
}

/** The same share, for the other arm. */
export function turned({ estimate, low, high }: Interval): Interval {
  const other = (value: number | null) => (value == null ? null : 1 - value);
  return { estimate: other(estimate), low: other(high), high: other(low) };
}
