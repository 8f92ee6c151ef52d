import type { Standing } from "../../../api/evidence-types";

/** Who leads, and whether that can be told from the next one. */
export function standingsSummary(rows: Standing[]): string {
  const ranked = rows.filter((row) => row.rank != null);
  const first = ranked[0];
  if (!first) return "No arm can be scored yet.";
  const unscored = rows.length - ranked.length;
  const rest =
    unscored > 0 ? ` ${unscored === 1 ? "One arm has" : `${unscored} arms have`} no score beside the others.` : "";
  if (ranked.length === 1) return `${first.arm} alone has a score.${rest}`;
  if (first.rank_low == null) return `${first.arm} has the highest score.${rest}`;
  const close = ranked.filter((row) => (row.rank_low ?? 2) === 1);
  if (close.length > 1) {
    const names = close.length > 4 ? `${close.length} arms` : close.map((row) => row.arm).join(", ");
    return `${first.arm} has the highest score, but the first place is open between ${names}.${rest}`;
  }
  return `${first.arm} is first, and its lead over every other arm is more than chance.${rest}`;
}
