import { Text } from "@mantine/core";
import classes from "./TurnProgress.module.css";

/** "Turn 1 of at least 2", with a dot for each turn. */
export function TurnProgress({ done, least }: { done: number; least: number }) {
  const enough = done >= least;
  const dots = Array.from({ length: Math.max(done, least) }, (_, index) => ({ number: index + 1, on: index < done }));
  return (
    <div className={classes.progress}>
      <span className={classes.dots} aria-hidden>
        {dots.map((dot) => (
          <span key={dot.number} data-on={dot.on || undefined} />
        ))}
      </span>
      <Text size="sm">
        Turn {done} of at least {least}
        {enough ? ": enough to submit." : "."}
      </Text>
    </div>
  );
}
