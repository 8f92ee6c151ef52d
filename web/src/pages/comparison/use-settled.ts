import { startTransition, useEffect, useState } from "react";
import { wait } from "../../opening";

/**
 * False in the first drawing, true soon after: for what a reader needs a moment later than the code. React then draws it
 * in small steps, between which the changes come first; nobody waits for one long one.
 */
export function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => wait("panel", () => startTransition(() => setSettled(true))), []);
  return settled;
}
