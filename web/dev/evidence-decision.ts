import type { Decision, Look, PathPoint, Plan, Question, QuestionWish } from "../src/api/evidence-types.ts";
import { provenance } from "./evidence-board.ts";
import { chance } from "./evidence-chance.ts";

const PRICE = 280;

const capOf = (question: QuestionWish): number => question.most_comparisons ?? Math.ceil(fixedDesign(question) * 1.18);

export function looks(question: QuestionWish): Look[] {
  return Array.from({ length: question.looks }, (_, index) => {
    const number = index + 1;
    const part = number / question.looks;
    return {
      number,
      comparisons: Math.round(capOf(question) * part),
      reached: false,
      upper: 2.31 + 0.24 * Math.exp(-number / 2),
      futility: 3.1 * part - 1.05,
      z: null,
      crossed: null,
      share: null,
    };
  });
}

/** How many a design without looks needs. */
export function fixedDesign(question: QuestionWish): number {
  const z = 1.645 + (question.alpha <= 0.05 ? 0.315 : 0) + (question.power - 0.5) * 2.8;
  return Math.ceil((0.25 * z ** 2) / (question.smallest_share - 0.5) ** 2);
}

export function plan(question: QuestionWish): Plan {
  const fixed = fixedDesign(question);
  const effect = question.smallest_share - 0.5;
  const curve = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3].map((times) => {
    const share = Math.min(0.98, 0.5 + effect * times);
    const reach = Math.min(1, capOf(question) / (fixed * 1.15));
    const power = times === 0 ? question.alpha * 0.9 : 1 - (1 - question.power * reach) ** (times ** 1.9);
    const mean = capOf(question) * (0.52 * Math.exp(-((times - 0.8) ** 2) / 0.9) + 0.1 + 0.08 * Math.exp(-times));
    return { share, power, futile: 1 - power, mean_comparisons: mean, mean_usd: mean * PRICE };
  });
  return {
    price_usd: PRICE,
    most_comparisons: capOf(question),
    power: question.power,
    fixed_comparisons: fixed,
    fixed_usd: fixed * PRICE,
    most_usd: capOf(question) * PRICE,
    curve,
    looks: looks(question),
    provenance: provenance(
      "Lan–DeMets Pocock-type α-spending with futility; 4,000 simulated campaigns for each share",
      [],
    ),
  };
}

export function question(over: Partial<Question>): Question {
  return {
    version: 1,
    arms: ["current", "tuned-3"],
    axis: "overall",
    smallest_share: 0.55,
    alpha: 0.05,
    power: 0.8,
    most_comparisons: 780,
    looks: 10,
    sides: 2,
    icc: 0.05,
    contributors: 47,
    equal_share: 0.12,
    control: "none",
    counts: "side",
    when_decided: "tell",
    accepted_before: 0,
    reason: "",
    registered_by_id: "p3",
    created_at: "2026-10-02T09:14:00Z",
    ...over,
  };
}

function path(share: number, comparisons: number, sizes: number[]): PathPoint[] {
  const next = chance(3);
  let wins = 0;
  const points: PathPoint[] = [];
  let [low, high] = [0, 1];
  for (let at = 1; at <= comparisons; at++) {
    if (next() < share) wins++;
    const half = Math.sqrt((0.25 * (at + 40) * Math.log((at + 40) / (40 * 0.0025)) * 0.62) / at ** 2);
    const found = wins / at;
    low = Math.max(low, found - half);
    high = Math.min(high, found + half);
    if (sizes.includes(at)) points.push({ comparisons: at, share: found, low, high });
  }
  return points;
}

const whole = (share: number) => {
  const text = (100 * share).toFixed(0);
  return text === "50" ? (100 * share).toFixed(1) : text;
};

/** As the statistics say it. */
function worded(asked: Question, last: Look | undefined, state: Decision["state"], at: number, more: number): string {
  const [first, second] = asked.arms;
  const buy = `about ${more} more, $${(more * PRICE).toLocaleString("en-US")}`;
  if (!last?.share) return `Too early to tell, ${at} comparisons: ${buy} to a decision if there is an effect.`;
  const { estimate, low, high } = last.share;
  const told = (share: number, from: number, to: number) =>
    `${whole(share)} %, 95 % interval [${whole(from)}, ${whole(to)}]`;
  const candidate = told(estimate ?? 0.5, low ?? 0, high ?? 1);
  const where = `at look ${last.number}, after ${last.comparisons} comparisons`;
  if (state === "second_preferred")
    return `${second} is preferred, ${candidate}; decided by the registered rule ${where}: stop.`;
  if (state === "no_difference")
    return `A difference of ${whole(asked.smallest_share - 0.5)} points either way is unlikely to be shown (${second} ${candidate}) ${where}: stop.`;
  const ahead = (estimate ?? 0.5) >= 0.5;
  return `${ahead ? second : first} is ahead so far, ${ahead ? candidate : told(1 - (estimate ?? 0.5), 1 - (high ?? 1), 1 - (low ?? 0))}; not decided: stop, or buy ${buy}.`;
}

function watched(asked: Question, last: PathPoint | undefined): Decision["watched"] {
  if (!last) {
    return {
      share: { estimate: null, low: null, high: null },
      level: 0.95,
      e_value: 1,
      state: "nothing_yet",
      words: "Nothing can be watched before the first look.",
    };
  }
  const share = { estimate: last.share, low: last.low, high: last.high };
  const told = `${whole(last.share)} % for ${asked.arms[1]}, 95 % interval [${whole(last.low)}, ${whole(last.high)}]`;
  return last.low > 0.5
    ? {
        share,
        level: 0.95,
        e_value: 31,
        state: "second_preferred",
        words: `${told}: ${asked.arms[1]} is preferred, whoever looks and whenever.`,
      }
    : { share, level: 0.95, e_value: 2.4, state: "open", words: `${told}: still open which is preferred.` };
}

const BUT_WATCHED = (asked: Question, last: PathPoint) =>
  ` The stricter interval that anyone may watch, [${whole(last.low)}, ${whole(last.high)}] for ${asked.arms[1]}, still ` +
  `includes 50 %: it must hold at every moment, the rule only at its ${asked.looks} planned looks, so it takes more votes to say the same.`;

export function decision(asked: Question, at: number, share: number, state: Decision["state"]): Decision {
  const all = looks(asked);
  const points = path(
    share,
    at,
    all.map((look) => look.comparisons),
  );
  const nowThere = points.at(-1);
  for (const look of all) {
    if (look.comparisons > at) continue;
    look.reached = true;
    const there = points.filter((point) => point.comparisons <= look.comparisons).at(-1);
    look.z = there ? (there.share - 0.5) * 2 * Math.sqrt(there.comparisons) * 0.93 : 0;
  }
  const last = all.filter((look) => look.reached).at(-1);
  if (last && state === "second_preferred") {
    last.z = Math.max(last.z ?? 0, last.upper + 0.31);
    last.crossed = "second";
  }
  if (last && state === "no_difference") {
    last.z = 0.12;
    last.crossed = "futility";
  }
  for (const look of all) {
    const there = points.filter((point) => point.comparisons <= look.comparisons).at(-1);
    if (!look.reached || !there || look.z == null) continue;
    // Half its width is boundary × standard error, and z is the distance to one half in standard errors.
    const error = Math.max(0.004, look.z === 0 ? 0.02 : Math.abs((there.share - 0.5) / look.z));
    const half = look.upper * (look.crossed === "futility" ? 0.02 : error);
    look.share = { estimate: there.share, low: there.share - half, high: Math.min(1, there.share + half) };
  }
  const decided = state !== "collecting";
  const fixed = fixedDesign(asked);
  const more = Math.max(40, Math.round(capOf(asked) * 0.55 - at));
  return {
    question: asked,
    state,
    words:
      worded(asked, last, state, at, more) +
      (state === "second_preferred" && nowThere && nowThere.low <= 0.5 ? BUT_WATCHED(asked, nowThere) : ""),
    comparisons: at,
    share: last?.share ?? { estimate: null, low: null, high: null },
    level: 0.95,
    watched: watched(asked, nowThere),
    looks: all,
    path: points,
    spent_usd: at * PRICE,
    more_comparisons: decided ? null : more,
    more_usd: decided ? null : more * PRICE,
    fixed_comparisons: fixed,
    provenance: provenance(
      "Lan–DeMets Pocock-type α-spending with futility on the contributor-clustered z; the band by a betting e-process in blocks of " +
        "contributors",
      ["First turns alone decide: later turns start from the winner's files, repeats add no new results."],
    ),
  };
}
