import type { Dataset, DatasetRow, Manifest } from "../src/api/datasets.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { datasetRow, datasetRows } from "./dataset-rows.ts";
import { held } from "./held.ts";

/** Made-up datasets, one in each state. */

const ID = "40d52b797f6fe796b81da86c938a3269470ca3e25ad09fd64e9894f5857c9d6e";

const row = (id: string, state: DatasetRow["state"], more: Partial<DatasetRow> = {}): DatasetRow => ({
  id,
  name: `${id}-${ID.slice(0, 12)}`,
  path: `/srv/marlin/datasets/${id}-${ID.slice(0, 12)}`,
  state,
  manifest_id: ID,
  campaigns: [id],
  synthetic: false,
  written_at: new Date(Date.now() - 5_400_000).toISOString(),
  rows: 1842,
  pairs: 1511,
  trajectory_pairs: 1307,
  split_rows: { train: 1655, test: 187 },
  bytes: 214_000_000,
  undecided: 0,
  ...more,
});

const ROWS: DatasetRow[] = [
  row("autumn", "ready", { undecided: 2 }),
  row("loop-demo", "ready", {
    path: `/home/operator/evaluations/of-autumn/marlin-home/datasets/loop-demo-${ID.slice(0, 12)}`,
    synthetic: true,
    rows: 96,
    pairs: 88,
    bytes: 1_900_000,
  }),
  row("nothing", "ready", { rows: 0, pairs: 0, trajectory_pairs: 0, split_rows: { train: 0, test: 0 }, bytes: 9_120 }),
  row("torn", "unreadable", { manifest_id: null }),
  row("moved", "gone", { manifest_id: null, written_at: null }),
];

const view = (reader: string, content: string, verified: string | false, train: number, test: number) => ({
  reader,
  content,
  verified,
  rows: { train, test },
});

const MANIFEST: Manifest = {
  format: 1,
  id: ID,
  name: "autumn",
  campaigns: ["autumn"],
  synthetic: false,
  marlin: "0.1.0",
  filters: { categories: ["bug_fix", "feature"], min_strength: 2, min_agreement: 0, turns: [], scrub_models: false },
  rubric_versions: [1, 2],
  guidelines_versions: [3],
  axes: ["correctness", "security"],
  counts: {
    rows: 1842,
    ratings: 2210,
    pairs: 1511,
    trajectory_pairs: 1307,
    ties: 240,
    raters: 161,
    tasks: 1204,
    repositories: 388,
  },
  left_out: [
    { scope: "dataset", reason: "filter: strength", count: 612 },
    { scope: "dataset", reason: "a value that may be a secret waits for a person", count: 3 },
    { scope: "pairs", reason: "no preference: equal", count: 240 },
    { scope: "trajectories", reason: "a side rewrote its history (compaction)", count: 151 },
    { scope: "patches", reason: "the side changed nothing", count: 18 },
  ],
  scrubbed: { email: 418, github_token: 4, ip_address: 37 },
  licences: { MIT: 1012, "Apache-2.0": 688, unknown: 142 },
  consent: { "2026-10": 161 },
  benchmarks: [{ name: "swe-bench-verified.jsonl", sha256: ID, entries: 500, left_out: {} }],
  split: {
    by: ["repository", "task", "base commit", "request"],
    seed: "0",
    test_fraction: 0.1,
    rows: { train: 1655, test: 187 },
    hash: ID,
  },
  views: {
    trl_pref: view("TRL, DPOTrainer", "trajectory", "trl 1.16.0", 1180, 127),
    patch_pref: view("TRL, DPOTrainer", "patch", "trl 1.16.0", 1362, 149),
    reward: view("TRL, RewardTrainer", "patch", "trl 1.16.0", 1362, 149),
    kto: view("TRL, KTOTrainer", "trajectory", "trl 1.16.0", 2360, 254),
    sft: view("TRL, SFTTrainer", "trajectory", "trl 1.16.0", 1180, 127),
    openrlhf: view("OpenRLHF", "trajectory", "openrlhf 0.11.2", 1180, 127),
    axolotl: view("Axolotl, chat_template.default", "patch", "axolotl 0.19.0", 1362, 149),
    llama_factory: view("LLaMA-Factory, sharegpt ranking", "patch", "llamafactory 0.9.5", 1362, 149),
    tinker: view("Tinker, comparisons", "patch", "tinker-cookbook 0.6.1", 1362, 149),
    "axes/correctness": view("TRL, DPOTrainer", "trajectory", "trl 1.16.0", 911, 96),
    openai_pref: view("Azure OpenAI preference files", "trajectory", false, 1180, 127),
    openai_patch: view("OpenAI and Azure preference files", "patch", false, 1362, 149),
    "axes/security": view("TRL, DPOTrainer", "trajectory", "trl 1.16.0", 402, 0),
  },
  files: [{ path: "rows/train.jsonl", sha256: ID, bytes: 214_000_000, rows: 1655 }],
};

/** Of arms that replay changes: patches alone, and nothing held out. */
const REPLAYED: Manifest = {
  ...MANIFEST,
  synthetic: true,
  split: { ...MANIFEST.split, test_fraction: 0, rows: { train: 96, test: 0 } },
  views: {
    trl_pref: view("TRL, DPOTrainer", "trajectory", "trl 1.16.0", 0, 0),
    patch_pref: view("TRL, DPOTrainer", "patch", "trl 1.16.0", 88, 0),
  },
};

/** Where every row was left out. */
const NOTHING: Manifest = {
  ...MANIFEST,
  name: "nothing",
  counts: { rows: 0, ratings: 4 },
  licences: {},
  split: { ...MANIFEST.split, rows: { train: 0, test: 0 } },
  views: { trl_pref: view("TRL, DPOTrainer", "trajectory", "trl 1.16.0", 0, 0) },
};

const PAIR = {
  id: "019ab3c2-7d1e-7c51-9b0a-train00000001-1",
  task_id: "019ab3c2-7d1e-7c51-9b0a-6a1f5f0f7e11",
  repository: "a3c5",
  category: "bug_fix",
  prompt: [
    { role: "system", content: "You are a coding agent." },
    { role: "user", content: "Refuse a negative page size.\nKeep the message that callers match on." },
  ],
  chosen: [
    {
      role: "assistant",
      content: "",
      tool_calls: [{ type: "function", function: { name: "bash", arguments: { command: "rg page_size" } } }],
    },
    { role: "tool", content: "src/paging.py:14:def page(size: int) -> Page:" },
    { role: "assistant", content: "A negative size is refused now. \u202eedoc hidden" },
  ],
  rejected: [{ role: "assistant", content: "Done." }],
  strength: 2,
  margin: 0.6667,
};

function manifestOf(found: DatasetRow): Manifest {
  if (found.rows === 0) return NOTHING;
  return found.synthetic ? REPLAYED : MANIFEST;
}

export function datasets(call: Call): Answer {
  const [, id, what] = call.parts;
  if (id === "held") return held(call);
  if (call.cookie === "empty") return { json: [] };
  if (id === undefined) return { json: ROWS };
  const found = ROWS.find((one) => one.id === id);
  if (!found) throw new Refusal(404, "not-found", "There is no such dataset.", { hint: "Open it from the list." });
  if (what === "rows") return datasetRows(call);
  if (what === "row") return datasetRow(call);
  if (what === "preview")
    return { json: [{ number: 1, row_id: PAIR.id, text: JSON.stringify(PAIR, null, 2), cut: false }] };
  const ready = found.state === "ready";
  const whole: Dataset = {
    ...found,
    manifest: ready ? manifestOf(found) : null,
    problem: ready
      ? null
      : found.state === "gone"
        ? "The folder was moved or removed."
        : `${found.path}/dataset.json is no JSON: Expecting value: line 1 column 13 (char 12)`,
  };
  return { json: whole };
}
