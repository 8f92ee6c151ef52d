import type { Decision, Interval, Look, Plan, Question, Standing } from "../../api/evidence-types";
import type { Rubric } from "../../api/types";
import { counted } from "../../components/text/counted";
import { dollars } from "../home/money";

/** Numbers as people say them. A space before % does not break; a minus is a minus. */

const NBSP = "\u00a0";
export const UNKNOWN = "–";

export function percent(share: number | null, digits = 0): string {
  return share == null ? UNKNOWN : `${(share * 100).toFixed(digits)}${NBSP}%`;
}

/** What somebody registered, with the digits it was registered with: an error of 2.5 % is neither 2 nor 3. */
export function exactly(share: number): string {
  return `${Number((share * 100).toPrecision(6))}${NBSP}%`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Whole dollars: nobody counts a campaign's cents. */
export function usd(value: number): string {
  return dollars(Math.round(value) * 100);
}

/** "+34", "−12", "0". */
export function signed(value: number | null, digits = 0): string {
  if (value == null) return UNKNOWN;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** A number with a real minus. */
export function plain(value: number | null, digits = 2): string {
  if (value == null) return UNKNOWN;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

type Say = (value: number | null) => string;

/** "[51 to 63]", or nothing where nothing is known. */
export function range(value: Interval, say: Say): string {
  return value.low == null || value.high == null ? "" : `${say(value.low)} to ${say(value.high)}`;
}

/** "57 %, 51 % to 63 %" for screen readers and titles. */
export function withRange(value: Interval, say: Say, level = 0.95): string {
  if (value.estimate == null) return "not known";
  const around = range(value, say);
  return around ? `${say(value.estimate)}, ${exactly(level)} interval ${around}` : say(value.estimate);
}

export const oneDigit: Say = (value) => percent(value, 1);

/** How the evidence of a question is said: as a share of preferences, or as how far votes lean, in grades of the scale. */
export interface Saying {
  say: Say;
  /** With a digit more, for tables. */
  exact: Say;
  /** "Share of new" */
  what: (arm: string) => string;
  /** What an interval leaves out once an arm is preferred, in words and as a number. */
  middle: string;
  neither: number;
  /** The ends of the scale. */
  ends: [number, number];
}

export function sayingOf({ counts }: Pick<Question, "counts">): Saying {
  if (counts === "side")
    return {
      say: percent,
      exact: oneDigit,
      what: (arm) => `share of ${arm}`,
      middle: "one half",
      neither: 0.5,
      ends: [0, 1],
    };
  const grades: Say = (value) => signed(value, 2);
  return {
    say: grades,
    exact: grades,
    what: (arm) => `lead of ${arm} in grades`,
    middle: "zero",
    neither: 0,
    ends: [-3, 3],
  };
}

/** What the server tells from 0 to 1, in the question's own unit: +3 grades if every vote says "much better". */
export function inUnit<T extends { low: number | null; high: number | null }>(
  value: T,
  { counts }: Pick<Question, "counts">,
): T {
  if (counts === "side") return value;
  const unit = (one: unknown) => (typeof one === "number" ? (one - 0.5) * 6 : one);
  const part = Object.entries(value).filter(([name]) => ["low", "high", "estimate", "share"].includes(name));
  return { ...value, ...Object.fromEntries(part.map(([name, one]) => [name, unit(one)])) };
}

/** What the headline's interval is of. */
export function lookWords({ looks }: Pick<Decision, "looks">): string {
  const last = looks.filter((look) => look.share != null).at(-1);
  if (!last) return "No look has been reached, so nothing is excluded yet.";
  return `At look ${last.number} of ${looks.length}, after ${comparisons(last.comparisons)}.`;
}

/** The state of the line that anyone may watch. */
export function watchedWords({ watched, question }: Pick<Decision, "watched" | "question">): string {
  if (watched.state === "nothing_yet") return "Nothing can be said yet.";
  return watched.state === "open" ? "Still open which is preferred." : `It leaves out ${sayingOf(question).middle}.`;
}

/** "1" or "1–3". */
export function ranks(standing: Pick<Standing, "rank" | "rank_low" | "rank_high">): string {
  if (standing.rank == null) return UNKNOWN;
  const { rank_low: low, rank_high: high } = standing;
  return low == null || high == null || low === high ? String(standing.rank) : `${low}–${high}`;
}

/** An axis by the rubric's own label, or by its name made readable. */
export function axisLabel(name: string, rubric?: Rubric): string {
  const known = rubric?.axes.find((axis) => axis.name === name)?.label;
  return known ?? sentence(name.replaceAll("_", " "));
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first sentence, to be said loudly, and the rest. A point within a number or a name ends no sentence. */
export function loudAndQuiet(words: string): [string, string] {
  const end = /[.!?]\s+(?=\p{L})/u.exec(words);
  if (!end) return [words, ""];
  return [words.slice(0, end.index + 1), words.slice(end.index + end[0].length)];
}

/** Which look comes next, and how many have been. */
export function lookState(looks: Look[]): { reached: number; next: Look | null } {
  return { reached: looks.filter((look) => look.reached).length, next: looks.find((look) => !look.reached) ?? null };
}

export function pathSummary(decision: Pick<Decision, "path" | "looks" | "question">): string {
  const { path, looks, question } = decision;
  const latest = path.at(-1);
  const last = latest && inUnit(latest, question);
  if (!last) {
    const first = looks[0];
    return first
      ? `Nothing is known before the first look, after ${comparisons(first.comparisons)}.`
      : "No look is planned.";
  }
  const { say, middle, neither } = sayingOf(question);
  const held = last.low > neither || last.high < neither;
  const has =
    question.counts === "side"
      ? `has ${say(last.share)} of preferences`
      : `is ahead by ${say(last.share)} of 3 grades on average`;
  return (
    `After ${comparisons(last.comparisons)} ${question.arms[1]} ${has}; the interval is ` +
    `${say(last.low)} to ${say(last.high)} and ${held ? "leaves out" : "still holds"} ${middle}.`
  );
}

export function boundariesSummary(looks: Look[], { arms, sides }: Pick<Question, "arms" | "sides">): string {
  const { reached, next } = lookState(looks);
  const last = looks.filter((look) => look.z != null).at(-1);
  if (!last || last.z == null) {
    return next ? `No look yet; the first is after ${comparisons(next.comparisons)}.` : "No look is planned.";
  }
  const where =
    last.crossed === "second"
      ? `above the boundary of ${plain(last.upper)}: ${arms[1]} is preferred`
      : last.crossed === "first"
        ? `below the boundary of ${plain(-last.upper)}: ${arms[0]} is preferred`
        : last.crossed === "futility"
          ? sides === 1
            ? "low enough to say that the smallest effect is unlikely to be shown"
            : "near enough to 0 to say that no difference that matters will be found"
          : sides === 1
            ? `below the boundary of ${plain(last.upper)}`
            : `between the boundaries of ±${plain(last.upper)}`;
  return `At look ${reached} of ${looks.length} z is ${plain(last.z)}, ${where}.`;
}

export function comparisons(value: number): string {
  return counted(value, "comparison");
}

/** The share of the votes as they were given, an equal verdict half for each side; both bad is none for either. */
export function plainShare(tally: { wins: number; losses: number; ties: number }): number | null {
  const votes = tally.wins + tally.losses + tally.ties;
  return votes === 0 ? null : (tally.wins + tally.ties / 2) / votes;
}

/** A question as one would ask it. */
export function questionWords(
  question: Pick<Question, "arms" | "smallest_share" | "alpha" | "power" | "looks" | "sides"> & {
    most_comparisons?: number | null;
    counts?: Question["counts"];
  },
  axis: string,
): string {
  const { arms, smallest_share: smallest, most_comparisons: most } = question;
  const asked =
    question.sides === 1
      ? `Is ${arms[1]} preferred to ${arms[0]} (${axis.toLowerCase()})`
      : `Which is preferred (${axis.toLowerCase()}), ${arms[1]} or ${arms[0]}`;
  return (
    `${asked}, if the better one gets at least ${exactly(smallest)} of preferences? The chance of a wrong preference is ` +
    `${exactly(question.alpha)} at most, of finding the better one ${exactly(question.power)} at least, with ` +
    `${question.looks === 1 ? "one look" : `${question.looks} looks`} and ` +
    (most == null ? "as many comparisons as that needs." : `at most ${comparisons(most)}.`) +
    (question.counts === "strength" ? " Votes count by how strongly a side is preferred." : "")
  );
}

/** What else is registered with a question: all of it stays on record, so all of it is told before. */
export function besideQuestion(
  wish: Pick<Question, "icc" | "equal_share" | "when_decided"> & { contributors?: number | null },
  control: string | null,
): string {
  const people =
    wish.contributors == null
      ? []
      : [
          `${count(wish.contributors)} contributors are expected${wish.icc ? `, with an ICC of ${wish.icc} of one person’s votes` : ""}.`,
        ];
  return [
    ...(control ? [`Control variate: ${control.toLowerCase()}.`] : []),
    ...people,
    ...(wish.equal_share ? [`${exactly(wish.equal_share)} of verdicts are expected to be equal.`] : []),
    wish.when_decided === "pause"
      ? "New assignments pause by themselves when it is decided."
      : "When it is decided you are told; nothing pauses by itself.",
  ].join(" ");
}

/** What the plan says of the smallest effect of interest: the point nearest to it. */
export function planAt(plan: Plan, share: number) {
  return plan.curve.reduce<Plan["curve"][number] | null>(
    (best, point) => (!best || Math.abs(point.share - share) < Math.abs(best.share - share) ? point : best),
    null,
  );
}

export function planSummary(plan: Plan, share: number): string {
  const point = planAt(plan, share);
  if (!point) return "Nothing was computed.";
  const part = plan.fixed_comparisons == null ? null : point.mean_comparisons / plan.fixed_comparisons;
  return (
    `If the better arm really gets ${exactly(point.share)}, it is found in ${Math.round(point.power * 100)} of 100 campaigns, after ` +
    `${comparisons(point.mean_comparisons)} on average: ${usd(point.mean_usd)}` +
    (part == null ? "." : `, ${percent(part)} of what a design without looks costs.`)
  );
}

export const STATES: Record<Decision["state"], { label: string; mark: string; color: string }> = {
  collecting: { label: "Collecting", mark: "…", color: "marlin" },
  second_preferred: { label: "Decided", mark: "✓", color: "green" },
  first_preferred: { label: "Decided", mark: "✓", color: "green" },
  no_difference: { label: "Decided: no difference that matters", mark: "=", color: "gray" },
  cap_reached: { label: "Cap reached, not decided", mark: "■", color: "orange" },
};

/** What each of the server's flags means for somebody who must act on it; by its first words. */
const FLAGS: [RegExp, string][] = [
  [
    /on the same pairs/,
    "People differ in taste, and some collude: read a few of these comparisons, and see whether the reasons given fit the changes.",
  ],
  [/known answer/, "Read these gold tasks with this person, and hold back further work until it is clear why."],
  [
    /one side|side [AB]/i,
    "Sides are drawn by lot, so half of the votes should go to each. Look at a few before you count on them.",
  ],
  [
    /what others say|agree/i,
    "Votes like these add noise and hide differences. Speak with them, or give them gold tasks.",
  ],
  [/of all votes/i, "One person’s taste weighs much. Give the next tasks to others."],
];

export function flagAdvice(flag: string): string {
  return FLAGS.find(([pattern]) => pattern.test(flag))?.[1] ?? "Look at this person's votes before you rely on them.";
}

/** The depth of a colour: how far a share is from one half, 0 to 1. */
export function heat(share: number | null): number {
  return share == null ? 0 : Math.min(1, Math.abs(share - 0.5) / 0.25);
}
