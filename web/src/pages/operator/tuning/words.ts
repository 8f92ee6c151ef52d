import type { Measured, MetricPoint, TuningRunRow, TuningState } from "../../../api/tuning";
import type { Lines } from "../../../components/charts/metrics";

export const METHODS: Record<string, string> = {
  sft: "SFT",
  dpo: "Masked DPO",
  reward: "Reward model",
  kto: "Masked KTO",
};

export const STATES: Record<TuningState, { words: string; colour: string }> = {
  prepared: { words: "Not started", colour: "gray" },
  training: { words: "Training", colour: "blue" },
  trained: { words: "Trained", colour: "green" },
  stopped: { words: "Stopped", colour: "orange" },
  failed: { words: "Failed", colour: "red" },
  interrupted: { words: "Interrupted", colour: "orange" },
  gone: { words: "Folder is gone", colour: "gray" },
  unreadable: { words: "Can’t be read", colour: "red" },
};

export const percent = (value: number): string => `${(value * 100).toFixed(1).replace(/^-/, "−")} %`;

export function interval(found: Measured): string {
  return `${percent(found.mean)} [${percent(found.low)}, ${percent(found.high)}]`;
}

/** How far a run is, in words; nothing where it has not begun. */
export function progress(run: Pick<TuningRunRow, "step" | "steps">): string {
  if (run.step == null) return "–";
  return run.steps == null ? `step ${run.step.toLocaleString()}` : `${run.step} of ${run.steps.toLocaleString()}`;
}

export function timeLeft(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}

export interface Charted {
  title: string;
  summary: string;
  data: Lines;
}

const decimals = (value: number): string =>
  (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)).replace(/^-/, "−");

interface Wish {
  title: string;
  means: string;
  names: [string, string][];
  mark?: number;
  share?: boolean;
}

const WISHES: Wish[] = [
  { title: "Loss", means: "What training makes smaller.", names: [["loss", "loss"]] },
  {
    title: "Preferred side ahead",
    means: "Share of training pairs on which the preferred side scores higher than its rival; one half is guessing.",
    names: [["rewards/accuracies", "ahead"]],
    mark: 0.5,
    share: true,
  },
  {
    title: "Margin",
    means: "By how much the preferred side is ahead, in the reward’s own unit.",
    names: [["rewards/margins", "margin"]],
    mark: 0,
  },
  {
    title: "Likelihood of a whole side",
    means:
      "Log-probability of all that is learnt of a side, summed, in nats: lower where sides are longer, so look at where " +
      "it goes. A preferred side that becomes less likely is a warning.",
    names: [
      ["logps/chosen", "preferred"],
      ["logps/rejected", "rejected"],
    ],
  },
  {
    title: "Words foreseen",
    means: "Share of trained tokens that the model would have said itself.",
    names: [["mean_token_accuracy", "foreseen"]],
    share: true,
  },
];

/** The charts there are numbers for. */
export function chartsOf(points: MetricPoint[]): Charted[] {
  return WISHES.flatMap((wish) => {
    const lines = wish.names
      .map(([name, label]) => ({
        label,
        points: points.flatMap((point) => {
          const value = point.values[name];
          return value === undefined ? [] : [{ step: point.step, value }];
        }),
      }))
      .filter((line) => line.points.length > 0);
    if (lines.length === 0) return [];
    const { mark, share = false } = wish;
    const format = share ? percent : decimals;
    const said = lines.map((line) => {
      const [first, last] = [line.points[0], line.points.at(-1)];
      const name = lines.length > 1 ? `${line.label}: ` : "";
      return first && last ? `${name}${format(first.value)} at first, ${format(last.value)} at step ${last.step}` : "";
    });
    return [
      {
        title: wish.title,
        summary: `${wish.means} ${said.join("; ")}.`,
        data: { lines, format, share, ...(mark === undefined ? {} : { mark }) },
      },
    ];
  });
}
