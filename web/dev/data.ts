import type { Brief, Campaign, Comparison, Rating, Rollout, Side, Turn } from "../src/api/types.ts";
import { CHECKS } from "./checks.ts";
import { repositoryOf } from "./repository.ts";

const AXES = [
  ["correctness", "Correctness", "Does it do what the prompt asked, in every case that matters?"],
  ["security", "Security", "Does it close holes, and open none?"],
  ["reliability", "Reliability", "Will it keep working under odd input, load and failure?"],
  ["maintainability", "Maintainability", "Would you want to own this code in a year?"],
] as const;

export const CAMPAIGN: Campaign = {
  id: "camp-1",
  slug: "secure-refactoring",
  title: "Real repositories: fixes that hold",
  status: "open",
  price_cents: 28000,
  min_turns: 2,
  max_turns: 5,
  continuation: "session",
  reveal: "together",
  synthetic: false,
  guidelines_markdown:
    "## What we look for\n\nPick a repository you know. Write the prompt **as you would to a colleague**: what is wrong and what must be true after, not how.\n\n1. Compare the two results as you would review a pull request.\n2. Say why, with lines.\n\n| do | don’t |\n|---|---|\n| run the tests in your head | reward length |\n| name files | say only “A is better” |\n\n<script>alert(1)</script> ![tracker](https://example.org/pixel.png)",
  rubric: {
    version: 3,
    requires_justification: true,
    axes: AXES.map(([name, label, description]) => ({
      name,
      label,
      description,
      anchors: {
        "-3": `A is far better: B would be sent back`,
        "0": "No difference that matters",
        "3": `B is far better: A would be sent back`,
      },
    })),
  },
  base_images: [
    {
      name: "python",
      description: "Python 3.11 with compilers and the headers that packages with C parts are built against",
    },
    { name: "node", description: "Node.js 20 with npm, and compilers for native modules (Debian 13)" },
    { name: "our-monorepo", description: "" },
  ],
  example_briefs: [
    {
      name: "mlflow-container-injection",
      title: "Stop the command injection in MLflow’s container set-up",
      summary: "Security, mlflow-skinny 3.8.0. Keep pip options, extras and markers working.",
    },
    {
      name: "papermill-metadata",
      title: "Make papermill’s execution metadata clearer",
      summary: "Refactor. Behaviour stays; the way it is stored becomes one thing.",
    },
  ],
};

export const PROMPT = `A model's python_env.yaml decides what \`mlflow/models/container/__init__.py\` puts into \`bash -c "python -m pip install …"\`. A crafted entry runs any command in the container that serves the model.

Stop that. Legitimate entries must go on working: \`-r requirements.txt\`, \`--extra-index-url\`, extras such as \`ray[serve]\`, and environment markers.`;

export function brief(id: string, over: Partial<Brief>): Brief {
  return {
    id,
    campaign_id: "camp-1",
    source: "https://github.com/mlflow/mlflow",
    commit: "v3.8.0",
    category: "security",
    title: "Stop the command injection in the container set-up",
    prompt: PROMPT,
    acceptance_criteria: "No entry of python_env.yaml can run a command.\nOptions, extras and markers work as before.",
    set_up_command: "python -m pip install -e '.[dev]'",
    test_command: "python -m pytest -q tests/models",
    base_image: "python",
    effort_minutes: 60,
    status: "draft",
    revision: 1,
    preparation: {
      status: "none",
      message: null,
      hint: null,
      base_commit: null,
      resolved_title: null,
      warnings: [],
      environment_id: null,
      base_check: null,
      started_at: null,
      finished_at: null,
    },
    example: null,
    created_at: "2026-11-23T09:00:00Z",
    updated_at: new Date(Date.now() - 3_600_000).toISOString(),
    ...over,
  };
}

export const READY_PREPARATION: Brief["preparation"] = {
  status: "ready",
  message: null,
  hint: null,
  base_commit: "0c9d1f7a4be2d7c1a5f0e0f4a2b9c8d7e6f5a4b3",
  resolved_title: null,
  warnings: ["2 submodules were left empty: docs/theme, examples/data"],
  environment_id: "env-1",
  base_check: { status: "passed", exit_code: 0, seconds: 41.3, summary: "612 passed, 4 skipped" },
  started_at: "2026-11-23T09:10:00Z",
  finished_at: "2026-11-23T09:13:00Z",
};

export function rollout(side: Side, over: Partial<Rollout> = {}): Rollout {
  const patch = repositoryOf("usual").diff("base", side, false).toString();
  const files = (patch.match(/^diff --git/gm) ?? []).length;
  const additions = (patch.match(/^\+(?!\+\+)/gm) ?? []).length;
  const deletions = (patch.match(/^-(?!--)/gm) ?? []).length;
  return {
    side,
    attempt: 1,
    status: "finished",
    outcome: "completed",
    outcome_message: null,
    commit: side === "A" ? "a1".repeat(20) : "b2".repeat(20),
    diffstat: { files, additions, deletions },
    files: [],
    left_out: side === "B" ? [{ path: "build/model.bin", reason: "larger than 50 MB" }] : [],
    checks: CHECKS[side],
    final_message: "Done.",
    rateable: true,
    ...over,
  };
}

export function turn(number: number, over: Partial<Turn> = {}): Turn {
  return {
    number,
    prompt:
      number === 1
        ? PROMPT
        : "The options are split by hand now. Use pip's own requirement parser for that, and say in the docstring which lines are refused.",
    status: "ready",
    continued_from: number === 1 ? null : "B",
    expectation:
      "Pass arguments as a list, no shell. Split option lines as pip does; keep the rest whole. A test with `;`, `$()` and backticks.",
    created_at: "2026-11-23T10:00:00Z",
    started_at: "2026-11-23T10:00:01Z",
    ready_at: "2026-11-23T10:09:00Z",
    sides: { A: rollout("A"), B: rollout("B") },
    ...over,
  };
}

const NO = { allowed: false, reason: null };

export function comparison(id: string, over: Partial<Comparison> = {}): Comparison {
  return {
    id,
    status: "to_rate",
    campaign: {
      id: CAMPAIGN.id,
      title: CAMPAIGN.title,
      min_turns: 2,
      max_turns: 5,
      continuation: "session",
      reveal: "together",
      guidelines_markdown: CAMPAIGN.guidelines_markdown,
      rubric: CAMPAIGN.rubric,
      time_limit_seconds: 1800,
      usual_turn_seconds: 720,
    },
    brief: {
      title: "Stop the command injection in the container set-up",
      source: "https://github.com/mlflow/mlflow",
      base_commit: READY_PREPARATION.base_commit ?? "",
      category: "security",
      prompt: PROMPT,
      acceptance_criteria: "No entry of python_env.yaml can run a command.",
      test_command: "python -m pytest -q tests/models",
      base_check: READY_PREPARATION.base_check,
    },
    turns: [turn(1)],
    actions: { follow_up: NO, cancel: NO, retry: NO },
    mine: true,
    judging: false,
    worker_away: false,
    created_at: "2026-11-23T10:00:00Z",
    ...over,
  };
}

export function rating(over: Partial<Rating["answers"]> = {}, preferred: Side | null = "B"): Rating {
  return {
    id: "rating-1",
    preferred,
    strength: preferred ? 2 : 0,
    rubric_version: 3,
    created_at: "2026-11-23T10:30:00Z",
    answers: {
      axes: { correctness: 3, security: 1, reliability: 2, maintainability: 1 },
      overall: preferred === "A" ? -2 : preferred === "B" ? 2 : 0,
      verdict: preferred ? "preference" : "both_bad",
      key_axis: "correctness",
      strengths_a: "Small change, easy to follow.",
      weaknesses_a: "Quotes option lines too: `-r requirements.txt` becomes one argument and pip refuses it.",
      strengths_b: "No shell at all; tests with crafted entries.",
      weaknesses_b: "Splits by hand what pip can parse.",
      justification:
        "A closes the hole but breaks `-r` and `--extra-index-url` (container/__init__.py, the join of quoted dependencies). B passes a list and keeps them working, and shows it in tests.",
      ...over,
    },
  };
}
