import type { Side, Turn } from "../../api/types";

/** What a side left behind that is not in its diff. Pure. */
export interface LeftOutPath {
  side: Side;
  path: string;
  reason: string;
}

/** Build products that the repository itself ignores are expected; anything else a judge must know of. */
export function leftOut(turn: Turn): { ignored: LeftOutPath[]; lost: LeftOutPath[] } {
  const all = (["A", "B"] as const).flatMap((side) =>
    (turn.sides[side].left_out ?? []).map((entry) => ({ side, ...entry })),
  );
  const ignores = (entry: LeftOutPath) => /^ignored\b/.test(entry.reason);
  return { ignored: all.filter(ignores), lost: all.filter((entry) => !ignores(entry)) };
}
