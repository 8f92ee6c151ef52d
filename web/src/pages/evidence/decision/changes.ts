import type { Question } from "../../../api/evidence-types";
import * as words from "../words";
import { CONTROLS, COUNTS } from "./wish";

/** What an amendment changed, each with before and after. */
export function changes(now: Question, before: Question): string[] {
  const said: [string, string, string][] = [
    ["arms", before.arms.join(" and "), now.arms.join(" and ")],
    ["axis", before.axis, now.axis],
    ["smallest effect", words.exactly(before.smallest_share), words.exactly(now.smallest_share)],
    ["error", words.exactly(before.alpha), words.exactly(now.alpha)],
    ["power", words.exactly(before.power), words.exactly(now.power)],
    ["cap", words.count(before.most_comparisons), words.count(now.most_comparisons)],
    ["directions", direction(before), direction(now)],
    ["looks", String(before.looks), String(now.looks)],
    ["what counts", COUNTS[before.counts], COUNTS[now.counts]],
    ["control variate", CONTROLS[before.control], CONTROLS[now.control]],
    ["when decided", before.when_decided, now.when_decided],
  ];
  return said.filter(([, old, fresh]) => old !== fresh).map(([name, old, fresh]) => `${name}: ${old} → ${fresh}`);
}

function direction({ sides, arms }: Question): string {
  return sides === 1 ? `only whether ${arms[1]} is better` : "either";
}
