import type { Question, QuestionWish } from "../../../api/evidence-types";
import * as words from "../words";
import { CONTROLS, COUNTS } from "./wish";

/** Registered, or about to be: then there may be no cap yet. */
type Asked = Omit<QuestionWish, "amends" | "reason"> | Question;

/** What an amendment changed, each with before and after. */
export function changes(now: Asked, before: Asked): string[] {
  const said: [string, string, string][] = [
    ["arms", before.arms.join(" and "), now.arms.join(" and ")],
    ["axis", before.axis, now.axis],
    ["smallest effect", words.exactly(before.smallest_share), words.exactly(now.smallest_share)],
    ["error", words.exactly(before.alpha), words.exactly(now.alpha)],
    ["power", words.exactly(before.power), words.exactly(now.power)],
    ["cap", cap(before), cap(now)],
    ["directions", direction(before), direction(now)],
    ["looks", String(before.looks), String(now.looks)],
    ["what counts", COUNTS[before.counts], COUNTS[now.counts]],
    ["contributors", people(before), people(now)],
    ["likeness of one person’s votes (ICC)", String(before.icc), String(now.icc)],
    ["equal verdicts", words.exactly(before.equal_share), words.exactly(now.equal_share)],
    ["control variate", CONTROLS[before.control], CONTROLS[now.control]],
    ["when decided", before.when_decided, now.when_decided],
  ];
  return said.filter(([, old, fresh]) => old !== fresh).map(([name, old, fresh]) => `${name}: ${old} → ${fresh}`);
}

function direction({ sides, arms }: Asked): string {
  return sides === 1 ? `only whether ${arms[1]} is better` : "either";
}

function cap({ most_comparisons: most }: Asked): string {
  return most == null ? "as many as the power needs" : words.count(most);
}

function people({ contributors }: Asked): string {
  return contributors == null ? "not known" : words.count(contributors);
}
