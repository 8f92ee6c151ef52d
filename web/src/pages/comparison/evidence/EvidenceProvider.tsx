import { type ReactNode, useMemo } from "react";
import { EvidenceContext, EvidenceDesk, type EvidenceTarget, tokenOf } from "./desk";

export interface EvidenceProviderProps {
  /** Whether the caller is writing a rating of this turn now. */
  writes: boolean;
  /** Brings the rating into view when something is cited while it is hidden. */
  onMissing: () => void;
  children: ReactNode;
}

/** Around a turn's results and its rating, so that what is clicked in one can be cited in the other. */
export function EvidenceProvider({ writes, onMissing, children }: EvidenceProviderProps) {
  const desk = useMemo(() => new EvidenceDesk(onMissing), [onMissing]);
  const evidence = useMemo(
    () => ({
      cite: writes ? (target: EvidenceTarget) => desk.insert(tokenOf(target)) : null,
      comment: null,
      desk: writes ? desk : null,
    }),
    [desk, writes],
  );
  return <EvidenceContext.Provider value={evidence}>{children}</EvidenceContext.Provider>;
}
