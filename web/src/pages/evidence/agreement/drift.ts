import type { Drift } from "../../../api/evidence-types";
import { counted } from "../../../components/text/counted";
import * as words from "../words";

const NAMES: Record<Drift["what"], string> = {
  agreement: "How often people agree",
  side: "The share of preferences for side A",
};

/** "How often people agree has fallen by 12 points since the first vote (95 % interval −20 to −4)." */
export function changeWords({ what, change, values }: Drift): string {
  const { estimate, low, high } = change;
  if (estimate == null || low == null || high == null) return `${NAMES[what]}: too little is known to see a change.`;
  const points = (value: number) => words.signed(100 * value);
  const around = `95${"\u00a0"}% interval ${points(low)} to ${points(high)} points, from ${counted(values, "value")}`;
  if (low <= 0 && high >= 0) return `${NAMES[what]} shows no clear change since the first vote (${around}).`;
  const way = estimate < 0 ? "fallen" : "risen";
  return `${NAMES[what]} has ${way} by ${Math.abs(100 * estimate).toFixed(0)} points since the first vote (${around}).`;
}
