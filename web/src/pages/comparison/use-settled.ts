import { startTransition, useEffect, useState } from "react";

/**
 * False in the first drawing, true soon after: for what a reader needs a moment later than the code. React then draws it
 * in small steps, between which the changes come first; nobody waits for one long one.
 */
export function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => startTransition(() => setSettled(true)), []);
  return settled;
}
