import type { Became, Held, Said } from "../../api/work";

/** What a judgement says, in a word or two. */
export const SAID: Record<Said, string> = {
  A: "A is better",
  B: "B is better",
  equal: "Equal",
  both_bad: "Both bad",
};

export const KIND: Record<Held["kind"], string> = {
  own: "A task of their own",
  overlap: "Second opinion",
  gold: "Gold task",
  again: "Judged once more",
};

export const STATE: Record<Held["status"], string> = {
  held: "Held",
  begun: "Begun",
  skipped: "Skipped",
  expired: "Ran out",
  released: "Taken back",
};

/** What became of a rejection. */
export const BECAME: Record<Became, { label: string; color: string }> = {
  standing: { label: "Not disputed", color: "gray" },
  disputed: { label: "Disputed", color: "violet" },
  upheld: { label: "Upheld", color: "gray" },
  overturned: { label: "Overturned", color: "orange" },
  taken_back: { label: "Taken back", color: "orange" },
};

export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** The id of a comparison in what somebody pasted: the id itself, or an address of its page. */
export function comparisonIn(text: string): string | null {
  const found = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(text);
  return found ? found[0].toLowerCase() : null;
}

/** What was decided by a lot, in words; empty where nothing is told. */
export function drawn(held: Held): string {
  const item = (held.draw as { item?: { by?: string; why?: string; probability?: number } }).item;
  if (!item) return "";
  const chance = item.probability === undefined ? "" : `, chance ${percent(item.probability)}`;
  return item.by === "evidence" ? `by evidence${chance}` : `by lot${chance}${item.why ? `: ${item.why}` : ""}`;
}
