import type { RatingAnswers, Rubric, Verdict } from "../../api/types";
import type { Shape } from "../../autosave/draft";
import type { Version } from "../../autosave/reconcile";
import type { Difference } from "../../components/drafts/MergeDrafts";
import { CITING_FIELDS } from "./evidence/cited-places";
import { EMPTY_ANSWERS, pointWords } from "./scale";

/** A rating by field, for putting two versions of it together. Pure. */

interface Overall {
  overall: number | null;
  verdict: Verdict | null;
}

const AXIS = "axes.";

/** The overall score goes with its verdict: they are one answer. */
export const RATING_SHAPE: Shape<RatingAnswers> = {
  split: ({ axes, overall, verdict, ...rest }) => ({
    ...Object.fromEntries(Object.entries(axes ?? {}).map(([name, score]) => [AXIS + name, score])),
    overall: { overall, verdict } satisfies Overall,
    ...rest,
  }),
  join: (fields) => {
    const { overall, ...rest } = fields as Version & { overall?: Overall };
    const axes: Record<string, number | null> = {};
    const own: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(rest)) {
      if (field.startsWith(AXIS)) axes[field.slice(AXIS.length)] = value as number | null;
      else own[field] = value;
    }
    return { ...EMPTY_ANSWERS, ...own, ...overall, axes };
  },
};

/** What two versions say in the fields where somebody has to choose, in the order of the form. */
export function ratingDifferences(
  rubric: Rubric,
  fields: readonly string[],
  mine: RatingAnswers,
  theirs: RatingAnswers,
): Difference[] {
  const here = RATING_SHAPE.split(mine);
  const there = RATING_SHAPE.split(theirs);
  const all: Pick<Difference, "field" | "label" | "words">[] = [
    ...rubric.axes.map(({ name, label }) => ({ field: AXIS + name, label, words: scoreWords })),
    { field: "overall", label: "Overall", words: (value) => overallWords(value as Overall) },
    {
      field: "key_axis",
      label: "What decided it",
      words: (name) => rubric.axes.find((axis) => axis.name === name)?.label ?? "not answered",
    },
    ...CITING_FIELDS,
  ];
  return all
    .filter(({ field }) => fields.includes(field))
    .map((one) => ({ ...one, mine: here[one.field], theirs: there[one.field] }));
}

function scoreWords(score: unknown): string {
  return typeof score === "number" ? pointWords(score) : "not answered";
}

function overallWords({ verdict, overall }: Overall): string {
  if (verdict === "equal") return "Equal";
  if (verdict === "both_bad") return "Both bad";
  return scoreWords(verdict === null ? null : overall);
}
