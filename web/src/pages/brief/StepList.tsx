import { Loader } from "@mantine/core";
import classes from "./StepList.module.css";
import type { Step, StepState } from "./steps";

const WORDS: Record<StepState, string> = {
  waiting: "waiting",
  active: "under way",
  done: "done",
  failed: "failed",
  "left-out": "not run",
};
const MARKS: Record<Exclude<StepState, "active">, string> = { waiting: "·", done: "✓", failed: "✕", "left-out": "–" };

export function StepList({ steps }: { steps: Step[] }) {
  return (
    <ol className={classes.list} aria-live="polite">
      {steps.map((step) => (
        <li key={step.label} data-state={step.state} className={classes.step}>
          <span className={classes.mark} aria-hidden>
            {step.state === "active" ? <Loader size={14} /> : MARKS[step.state]}
          </span>
          <span>{step.label}</span>
          <span className="visually-hidden">: {WORDS[step.state]}</span>
        </li>
      ))}
    </ol>
  );
}
