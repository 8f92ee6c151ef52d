import { Text } from "@mantine/core";
import type { Decision } from "../../../api/evidence-types";
import { counted } from "../../../components/text/counted";
import * as words from "../words";
import classes from "./LookProgress.module.css";

/** How far the campaign is toward its cap, with the looks on the way. */
export function LookProgress({ decision }: { decision: Decision }) {
  const { comparisons, looks, question } = decision;
  const most = question.most_comparisons;
  const { reached, next } = words.lookState(looks);
  const closed = decision.state !== "collecting";
  const said = closed
    ? `Closed at look ${reached} of ${looks.length}`
    : next
      ? `${reached} of ${counted(looks.length, "look")} done; the next one after ${words.comparisons(next.comparisons)}`
      : `${looks.length === 1 ? "The look is" : `All ${looks.length} looks are`} done`;
  return (
    <div>
      <div className={classes.words}>
        <Text fw={600}>
          {words.count(comparisons)} of at most {words.comparisons(most)}
        </Text>
        <Text size="sm" c="dimmed">
          {decision.state === "cap_reached" ? "The cap is reached" : said}
        </Text>
      </div>
      <div
        className={classes.track}
        role="progressbar"
        aria-label="Accepted comparisons toward the cap"
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(comparisons, most)}
        aria-valuetext={`${words.count(comparisons)} of ${words.count(most)}; ${said}`}
      >
        <div className={classes.done} style={{ width: `${Math.min(100, (comparisons / most) * 100)}%` }} />
        {looks.map((look) => (
          <span
            key={look.number}
            className={classes.look}
            data-reached={look.reached || undefined}
            data-crossed={look.crossed ?? undefined}
            style={{ left: `${Math.min(100, (look.comparisons / most) * 100)}%` }}
            title={`Look ${look.number}, after ${words.comparisons(look.comparisons)}`}
          />
        ))}
      </div>
      <div className={classes.legend} aria-hidden="true">
        <span>
          <span className={classes.key} data-reached /> look done
        </span>
        <span>
          <span className={classes.key} /> look to come
        </span>
      </div>
    </div>
  );
}
