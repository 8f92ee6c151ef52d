import { useMemo } from "react";
import type { Decision } from "../../../api/evidence-types";
import type { BoundariesData } from "../../../components/charts/boundaries";
import type { PathData } from "../../../components/charts/path";
import { inUnit } from "../words";

/** What charts are drawn from, the same object while nothing changed: they are drawn anew only when there is reason to. */

export function usePath({ path, question }: Decision): PathData {
  return useMemo(
    () => ({
      points: path.map((point) => inUnit(point, question)),
      arms: question.arms,
      smallest: question.smallest_share,
      most: question.most_comparisons,
      counts: question.counts,
    }),
    [path, question],
  );
}

export function useBoundaries({ looks, question }: Decision): BoundariesData {
  return useMemo(() => ({ looks, arms: question.arms, sides: question.sides }), [looks, question]);
}
