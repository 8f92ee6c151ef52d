import { type ReactNode, startTransition, useEffect, useState } from "react";
import { isHeldBack, type TurnName, wait } from "../../opening";

/** False while the code of a comparison that is being opened is to be drawn first; see `opening.ts`. */
export function useTurn(name: TurnName, waits = true): boolean {
  const [mine, setMine] = useState(() => !waits || !isHeldBack());
  useEffect(() => (mine ? undefined : wait(name, () => startTransition(() => setMine(true)))), [name, mine]);
  return mine;
}

export interface LaterProps {
  turn: TurnName;
  /** Holds the place of what comes, so that nothing jumps. */
  instead?: ReactNode;
  /** False where nobody can say beforehand how high it will be. */
  waits?: boolean;
  children: ReactNode;
}

/** What a reader needs a moment later than the code. */
export function Later({ turn, instead = null, waits = true, children }: LaterProps): ReactNode {
  return useTurn(turn, waits) ? children : instead;
}
