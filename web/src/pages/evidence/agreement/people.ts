import type { ContributorReliability } from "../../../api/evidence-types";
import type { Column } from "../search";

/** Which people are listed, and in which order. */

const VALUE: Record<Exclude<Column, "name">, (person: ContributorReliability) => number | null> = {
  votes: (person) => person.votes,
  overlap: (person) => person.overlapping,
  agreement: (person) => person.agreement.estimate,
  reliability: (person) => person.reliability.estimate,
  gold: (person) => person.gold.estimate,
  side: (person) => person.left_share.estimate,
};

export interface Wanted {
  column: Column;
  down: boolean;
  flagged: boolean;
  name: string;
}

/** Who is not known on a column comes last, whichever way it is sorted. */
export function shownPeople(people: ContributorReliability[], wanted: Wanted): ContributorReliability[] {
  const { column, down, flagged } = wanted;
  const part = wanted.name.trim().toLocaleLowerCase();
  const kept = people.filter(
    (person) => (!flagged || person.flags.length > 0) && person.name.toLocaleLowerCase().includes(part),
  );
  const way = down ? -1 : 1;
  return kept.sort((one, other) => {
    const byName = one.name.localeCompare(other.name);
    if (column === "name") return way * byName;
    const [left, right] = [VALUE[column](one), VALUE[column](other)];
    if (left == null || right == null) return left === right ? byName : left == null ? 1 : -1;
    return way * (left - right) || byName;
  });
}
