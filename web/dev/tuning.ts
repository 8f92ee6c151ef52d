import type { MetricPoint, TuningRun, TuningRunRow } from "../src/api/tuning.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";

/** Made-up tuning runs, one in each state. */

const points: MetricPoint[] = Array.from({ length: 60 }, (_, index) => {
  const done = index / 59;
  const wave = Math.sin(index * 1.7) * 0.03;
  return {
    step: (index + 1) * 10,
    values: {
      loss: 0.69 - 0.31 * done ** 0.7 + wave,
      "rewards/accuracies": Math.min(1, 0.5 + 0.28 * done ** 0.6 + wave),
      "rewards/margins": 0.9 * done + wave,
      "logps/chosen": -351 - 17 * done + wave * 110,
      "logps/rejected": -368 - 94 * done + wave * 110,
      mean_token_accuracy: 0.71 + 0.05 * done,
    },
  };
});

const HASH = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c";
const MEMORY = { weights: 15_200_000_000, adapter: 1_300_000_000, activations: 14_400_000_000, logits: 4_000_000_000 };

const about: Omit<TuningRunRow, "id" | "name" | "path" | "state"> = {
  method: "dpo",
  control: false,
  model: "coder-small",
  dataset_id: "40d52b797f6fe796b81da86c938a3269470ca3e25ad09fd64e9894f5857c9d6e",
  synthetic: false,
  created_at: new Date(Date.now() - 5_400_000).toISOString(),
  ended_at: null,
  step: 600,
  steps: 600,
  seconds_left: null,
  loss: 0.381,
  accuracy: null,
};
const row = (id: string, state: TuningRunRow["state"], more: Partial<TuningRunRow> = {}): TuningRunRow => {
  return { ...about, id, name: id, path: `/srv/models/runs/${id}`, state, ...more };
};

const RUNS: TuningRunRow[] = [
  row("autumn-dpo", "training", { step: 240, seconds_left: 1980, loss: 0.463 }),
  row("summer-dpo", "trained", { accuracy: 0.643, ended_at: new Date(Date.now() - 600_000).toISOString() }),
  row("summer-control", "trained", { control: true, accuracy: 0.502, loss: 0.694 }),
  row("summer-reward", "failed", { method: "reward", step: 80, loss: 0.61 }),
  row("spring-sft", "interrupted", { method: "sft", step: 130, loss: 1.92, synthetic: true }),
  row("first-try", "gone", { method: null, model: null, step: null, steps: null, loss: null, created_at: null }),
];

const interval = (mean: number, half: number) => ({
  mean,
  low: mean - half,
  high: mean + half,
  pairs: 412,
  tasks: 151,
});

const EVALUATION: TuningRun["evaluation"] = {
  accuracy: interval(0.643, 0.052),
  baselines: [
    { name: "shorter", rule: "the shorter side wins", accuracy: interval(0.547, 0.056), ahead: interval(0.096, 0.06) },
    {
      name: "smaller-diff",
      rule: "the smaller change wins",
      accuracy: interval(0.571, 0.055),
      ahead: interval(0.072, 0.058),
    },
    {
      name: "fewer-files",
      rule: "the side that changes fewer files wins",
      accuracy: interval(0.534, 0.05),
      ahead: interval(0.109, 0.061),
    },
  ],
  ceiling: 0.712,
  drift_alarm: true,
  conclusion: [
    "On 412 held-out pairs of 151 tasks the run agrees with people on 64.3% (59.1% to 69.5%).",
    "That is more than guessing would, and more than each of the rules that know no code.",
    "Two people agree on 71.2% of pairs: there is not much more to be had.",
    "The preferred sides became less likely than they were for the parent.",
    "Whether it writes better code is decided by the next blinded round against its parent, not by this.",
  ],
};

export function tuningRuns(call: Call): Answer {
  const id = call.parts[1];
  if (call.cookie === "empty") return { json: [] };
  if (id === undefined) return { json: RUNS };
  const found = RUNS.find((run) => run.id === id);
  if (!found)
    throw new Refusal(404, "not-found", "There is no such run.", { hint: "Open it from the list of tuning runs." });
  const gone = found.state === "gone";
  const run: TuningRun = {
    ...found,
    points: gone ? [] : points.filter((point) => point.step <= (found.step ?? 0)),
    evaluation: found.accuracy === null || found.control ? null : EVALUATION,
    failure:
      found.state === "failed"
        ? {
            message: "The disk of /srv/models/runs/summer-reward is full.",
            hint: "Free some space, then `marlin tune resume`.",
          }
        : null,
    plan: gone
      ? {}
      : {
          method: found.method,
          model: "/srv/models/coder-small",
          epochs: 1,
          batch: 4,
          accumulation: 32,
          beta: 0.1,
          lora_rank: 32,
          seed: 1,
        },
    inputs: gone
      ? {}
      : {
          dataset: {
            id: found.dataset_id,
            view: "trl_pref",
            synthetic: found.synthetic,
            split_hash: HASH,
            files: { train: HASH, test: HASH },
          },
          model: { name: "/srv/models/coder-small", hash: HASH },
          code: { version: "0.1.0", commit: "9c1185a5c5e9fc54612808977ee8f548b2258d31" },
          versions: { trl: "1.16.0", torch: "2.13.0" },
          lock: null,
          machine: { python: "3.11.9", platform: "Linux-6.8.0-45-generic-x86_64-with-glibc2.39" },
          seed: 1,
        },
    cost: gone
      ? {}
      : {
          steps: 600,
          tokens: 41_200_000,
          flops: 2.31e18,
          memory: 34_900_000_000,
          memory_parts: MEMORY,
          disk: 268_000_000,
        },
  };
  return { json: run };
}
