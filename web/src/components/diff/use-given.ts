import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** More files than the tallest screen shows at first. */
export const AT_FIRST = 24;
/** What the viewer makes ready of as many at a time fits into a frame. */
export const EACH_TIME = 100;

/**
 * The viewer makes something ready of each file that it is given, drawn or not. A new pane gets those that can be seen
 * first, and the rest in steps, a task each; whoever wants to go to one of them gets all at once.
 */
export function useGiven<T>(items: T[]): { given: T[]; giveAll: () => void } {
  const [count, setCount] = useState(AT_FIRST);
  const all = items.length <= count;
  useEffect(() => {
    if (all) return;
    const timer = setTimeout(() => setCount(count + EACH_TIME));
    return () => clearTimeout(timer);
  }, [all, count]);
  const given = useSame(all ? items : items.slice(0, count));
  return { given, giveAll: () => !all && flushSync(() => setCount(Number.POSITIVE_INFINITY)) };
}

/** The same list as long as the same things are in it. */
function useSame<T>(list: T[]): T[] {
  const kept = useRef(list);
  if (kept.current.length !== list.length || list.some((item, index) => item !== kept.current[index]))
    kept.current = list;
  return kept.current;
}
