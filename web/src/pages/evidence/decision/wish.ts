import type { Question, QuestionWish } from "../../../api/evidence-types";
import { isRecord } from "../../../autosave/kept";

/** A question while it is being made: what was typed, what is wrong with it, and what is sent. */

export type Control = NonNullable<QuestionWish["control"]>;

export type Counts = NonNullable<QuestionWish["counts"]>;

/** As operators choose them. */
export const CONTROLS: Record<Control, string> = {
  none: "Nothing: the votes alone",
  checks_passed: "Checks passed",
  changed_lines: "Changed lines",
  model_calls: "Model calls",
};

/** What of a vote decides, in short. */
export const COUNTS: Record<Counts, string> = { side: "the side", strength: "how strongly" };

export interface Draft {
  first: string | null;
  second: string | null;
  axis: string;
  /** In per cent, as people say them. */
  smallest: number | string;
  alpha: number | string;
  power: number | string;
  most: number | string;
  looks: number | string;
  sides: 1 | 2;
  /** How many contributors are expected, and how alike the votes of one are; empty: not known. */
  contributors: number | string;
  icc: number | string;
  /** Of 100 verdicts, how many are expected to say equal. */
  equal: number | string;
  /** What is taken for a control variate. */
  control: Control;
  /** What of a vote decides. */
  counts: Counts;
  whenDecided: QuestionWish["when_decided"];
  reason: string;
}

export function startFrom(question: Question | null, arms: string[]): Draft {
  if (!question) {
    return {
      ...{ first: arms[0] ?? null, second: arms[1] ?? null, axis: "overall", smallest: 55, alpha: 5, power: 80 },
      ...{
        most: "",
        looks: 10,
        sides: 2,
        contributors: "",
        icc: "",
        equal: "",
        control: "none",
        counts: "side",
        whenDecided: "tell",
        reason: "",
      },
    };
  }
  return {
    first: question.arms[0] ?? null,
    second: question.arms[1] ?? null,
    axis: question.axis,
    smallest: round(question.smallest_share * 100),
    alpha: round(question.alpha * 100),
    power: round(question.power * 100),
    most: question.most_comparisons,
    looks: question.looks,
    sides: question.sides,
    contributors: question.contributors ?? "",
    icc: question.icc || "",
    equal: question.equal_share ? round(question.equal_share * 100) : "",
    control: question.control,
    counts: question.counts,
    whenDecided: question.when_decided,
    reason: "",
  };
}

/** Whether what was found in the browser's storage is a draft of this form: an earlier version may have written another. */
export function isDraft(value: unknown): value is Draft {
  if (!isRecord(value)) return false;
  const model = startFrom(null, []);
  return Object.entries(model).every(([name, like]) => {
    const found = value[name];
    if (name === "first" || name === "second") return found === null || typeof found === "string";
    if (name === "sides") return found === 1 || found === 2;
    if (name === "whenDecided") return found === "tell" || found === "pause";
    if (name === "control") return typeof found === "string" && found in CONTROLS;
    if (name === "counts") return found === "side" || found === "strength";
    if (name === "axis" || name === "reason") return typeof found === typeof like;
    return typeof found === "number" || typeof found === "string";
  });
}

/** A draft that was kept, as far as the campaign still has what it names. */
export function stillThere(draft: Draft, arms: string[], axes: string[]): Draft {
  const arm = (name: string | null) => (name !== null && arms.includes(name) ? name : null);
  const axis = axes.includes(draft.axis) ? draft.axis : "overall";
  return { ...draft, first: arm(draft.first), second: arm(draft.second), axis };
}

/**
 * What was typed over one version, on a newer one: what nobody had touched takes the newer one's value, or sending it
 * would take back, unseen, what somebody else has changed.
 */
export function carried(typed: Draft, from: Draft, onto: Draft): Draft {
  const touched = Object.entries(typed).filter(([name, value]) => value !== from[name as keyof Draft]);
  return { ...onto, ...Object.fromEntries(touched) };
}

const round = (value: number): number => Number(value.toFixed(6));

export type Field =
  | "first"
  | "second"
  | "smallest"
  | "alpha"
  | "power"
  | "most"
  | "looks"
  | "contributors"
  | "icc"
  | "equal"
  | "reason";

/** What must be mended, by field. The server holds the same limits. */
export function faults(draft: Draft, amending: boolean): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  if (!draft.first) found.first = "Choose an arm.";
  if (!draft.second) found.second = "Choose an arm.";
  else if (draft.first === draft.second) found.second = "Choose another arm than the first.";
  const between = (field: Field, value: number | string, above: number, below: number) => {
    if (!(Number(value) > above && Number(value) < below) || value === "") {
      found[field] = `More than ${above}, less than ${below}.`;
    }
  };
  const whole = (field: Field, value: number | string, least: number, most: number) => {
    if (value === "" || !Number.isInteger(Number(value)) || Number(value) < least || Number(value) > most) {
      found[field] = `A whole number from ${least.toLocaleString("en-US")} to ${most.toLocaleString("en-US")}.`;
    }
  };
  between("smallest", draft.smallest, 50, 100);
  between("alpha", draft.alpha, 0, 50);
  between("power", draft.power, 50, 100);
  if (draft.most !== "") whole("most", draft.most, 10, 1_000_000);
  whole("looks", draft.looks, 1, 10);
  if (draft.contributors !== "") whole("contributors", draft.contributors, 2, 100_000);
  if (draft.icc !== "" && !(Number(draft.icc) >= 0 && Number(draft.icc) < 1)) found.icc = "From 0 to less than 1.";
  else if (Number(draft.icc) > 0 && draft.contributors === "")
    found.contributors = "Say how many, if their votes are alike.";
  if (draft.equal !== "" && !(Number(draft.equal) >= 0 && Number(draft.equal) < 100))
    found.equal = "From 0 to less than 100.";
  if (amending && !draft.reason.trim()) found.reason = "Say why: it is shown with every result.";
  else if (draft.reason.length > 2000) found.reason = "At most 2,000 characters.";
  return found;
}

/** What is asked of the server; null while something but the reason is wrong: planning needs no reason. */
export function wishOf(draft: Draft): QuestionWish | null {
  const wrong = faults(draft, false);
  if (Object.keys(wrong).some((field) => field !== "reason") || !draft.first || !draft.second) return null;
  return {
    arms: [draft.first, draft.second],
    axis: draft.axis,
    smallest_share: round(Number(draft.smallest) / 100),
    alpha: round(Number(draft.alpha) / 100),
    power: round(Number(draft.power) / 100),
    sides: draft.sides,
    icc: Number(draft.icc),
    contributors: draft.contributors === "" ? null : Number(draft.contributors),
    equal_share: round(Number(draft.equal) / 100),
    most_comparisons: draft.most === "" ? null : Number(draft.most),
    looks: Number(draft.looks),
    control: draft.control,
    counts: draft.counts,
    when_decided: draft.whenDecided,
    reason: "",
  };
}
