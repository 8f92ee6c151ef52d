import type { Row, RowSide } from "../src/api/dataset-rows.ts";
import type { Split } from "../src/api/datasets.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { CHECKS } from "./checks.ts";
import { repositoryOf } from "./repository.ts";

/** Made-up rows of datasets: as many as the list says, the first ones each with something of its own. */

const SIZES: Record<string, Record<Split, number>> = {
  autumn: { train: 1655, test: 187 },
  "loop-demo": { train: 96, test: 0 },
  one: { train: 1, test: 0 },
  nothing: { train: 0, test: 0 },
};
const COMMIT = "8f14e45fceea167a5a36dedd4bea2543f3b2b1a0";
const REQUESTS = [
  "Quote the dependencies of a model before they reach the shell.\n\nA model that names a dependency like `numpy; rm -rf ~` runs that command while its container is built: `_install_pyfunc_deps` joins `build_dependencies` and `dependencies` into one string for `bash -c`. Quote each of them, and keep what callers of `_activate_env` match on. Nothing else about the command may change.\n\n- One dependency with a blank in it stays one argument.\n- An environment without dependencies runs no `pip` at all.\n- The stores that build commands the same way are mended as well.",
  "Refuse a negative page size.\nKeep the message that callers match on.",
  "Make the import of delivery notes atomic: all of it is booked, or nothing.",
  "Retry an upload that broke off where it broke off, not from the beginning.",
];
const JUSTIFICATION =
  "A quotes each dependency by itself before they are joined, see [A#mlflow/models/container/__init__.py:28-30], and does the same in the stores: [A#mlflow/store/tracking/endpoint_store.py:49]. B asks pip whether the name is one, and joins what it was given all the same: [B#mlflow/models/container/__init__.py:29]. Both run no pip for an empty list, but only A tests it.";

/** The row with a million tokens. */
const HUGE = 3;
/** One whose line was torn. */
const TORN = 5;

interface At {
  split: Split;
  number: number;
}

const idOf = ({ split, number }: At) => `019ab3c2-7d1e-7c51-9b0a-${split}${String(number).padStart(8, "0")}-1`;

function placeOf(dataset: string, id: string): At {
  const found = /-(train|test)(\d{8})-1$/.exec(id);
  const at = { split: (found?.[1] ?? "train") as Split, number: Number(found?.[2] ?? 0) };
  if (at.number < 1 || at.number > (SIZES[dataset]?.[at.split] ?? 0))
    throw new Refusal(404, "dataset-unreadable", `The dataset has no row ${id}.`, {
      hint: "Open one from the page of the dataset.",
    });
  return at;
}

function side(name: "A" | "B", at: At, patch: string): RowSide {
  const { number } = at;
  return {
    arm: name === "A" ? "next" : "current",
    agent: "mini-swe-agent",
    model: name === "A" ? "orca-2-preview" : "orca-1.5",
    commit: (name === "A" ? "a1" : "b2").repeat(20),
    outcome: "completed",
    source: "gateway",
    refused: null,
    patch_bytes: Buffer.byteLength(patch),
    patch_refused: patch === "" ? "the side changed nothing" : null,
    messages: number === HUGE ? 6001 : 61,
    newly_failing: CHECKS[name].filter((check) => check.against_base === "newly_failing").length,
    checks: CHECKS[name].map((check) => ({
      kind: check.kind,
      name: check.name,
      status: check.status,
      against_base: check.against_base,
    })),
    backend: "bubblewrap",
    base_image: "python-3.12-node-22",
  };
}

const patches = new Map<string, string>();

/** Made once: a large one takes git seconds. */
function patchOf(at: At, name: "A" | "B"): string {
  if (at.number === 4 && name === "B") return "";
  const repository = at.number === HUGE ? "bench-17600" : "usual";
  const known = patches.get(repository + name) ?? repositoryOf(repository).diff("base", name, false).toString();
  patches.set(repository + name, known);
  return known;
}

function shared(dataset: string, { split, number }: At): string | null {
  const of = SIZES[dataset]?.[split] ?? 0;
  return number >= 1 && number <= of ? idOf({ split, number }) : null;
}

/** `light`: for lists, which tell nothing of patches. */
export function rowOf(dataset: string, at: At, light = false): Row {
  const { split, number } = at;
  const of = SIZES[dataset]?.[split] ?? 0;
  const label = number % 7 === 2 ? "equal" : number % 5 === 0 ? "B" : "A";
  const tie = label === "equal";
  const sign = label === "A" ? -1 : label === "B" ? 1 : 0;
  const strength = tie ? 0 : 1 + (number % 3);
  const raters = number % 4 === 1 ? 3 : 1;
  return {
    ...{ id: idOf(at), split, number, of },
    previous:
      shared(dataset, { split, number: number - 1 }) ??
      (split === "test" ? shared(dataset, { split: "train", number: SIZES[dataset]?.train ?? 0 }) : null),
    next:
      shared(dataset, { split, number: number + 1 }) ??
      (split === "train" ? shared(dataset, { split: "test", number: 1 }) : null),
    bytes: number === HUGE ? 9_800_000 : 214_000,
    comparison_id: "ready",
    turn: 1,
    continuation: "session",
    campaign: dataset,
    synthetic: dataset === "loop-demo",
    task_id: "019ab3c2-7d1e-7c51-9b0a-6a1f5f0f7e11",
    category: ["bug_fix", "feature", "refactor"][number % 3] ?? "bug_fix",
    repository: "a3c5",
    source: "https://github.com/mlflow/mlflow",
    base_commit: COMMIT,
    start_commit: COMMIT,
    licences: number % 4 === 0 ? [] : ["Apache-2.0"],
    image: "python-3.12-node-22",
    set_up: "pip install -e .[test]",
    rubric_version: 2,
    guidelines_version: 3,
    request: REQUESTS[(number - 1) % REQUESTS.length] ?? "",
    prompt_messages: number === 4 ? null : 2,
    tools: number === 4 ? [] : ["bash", "edit_file", "submit"],
    a: side("A", at, light ? "" : patchOf(at, "A")),
    b: side("B", at, light ? "" : patchOf(at, "B")),
    ratings: Array.from({ length: raters }, (_, index) => ({
      rater: `rater-${(0x5a31f2 + index * 77_731).toString(16)}04c9`,
      terms: "2026-10",
      verdict: tie ? "equal" : "preference",
      preferred: tie ? null : index === 2 ? "B" : label,
      strength: index === 2 ? 1 : strength,
      axes: { correctness: sign * strength, security: sign * 3, maintainability: 0 },
      key_axis: "security",
      justification: index === 2 ? "B is shorter, and I would rather review it." : JUSTIFICATION,
      sides_swapped: index === 1,
      gold: false,
    })),
    agg: {
      label,
      strength,
      n: raters,
      agreement: raters === 3 ? 0.6667 : 1,
      method: raters === 3 ? "majority" : "single",
      axes: {
        correctness: sign * strength,
        security: raters === 3 ? sign * 1.67 : sign * 3,
        reliability: 0,
        maintainability: tie ? 0 : -sign,
      },
    },
    pairs: !tie,
    pairs_refused: tie ? "no preference: equal" : null,
    trajectory: !tie && number !== 4,
    trajectory_refused: tie ? "no preference: equal" : number === 4 ? "a side rewrote its history (compaction)" : null,
    single: true,
    here: dataset === "autumn",
    matching: null,
    place: null,
  };
}

/** All rows of a dataset with their facets, made once: no patch is needed for these. */
const known = new Map<string, { row: Row; facets: string[] }[]>();
const LANGUAGES = ["Python", "TypeScript", "Go", "Rust", "SQL", "Shell", "YAML", "Markdown"];

function facetsOf(row: Row, at: number): string[] {
  const axes = Object.entries(row.agg.axes).map(
    ([name, score]) => `axis:${name}=${score < 0 ? "A" : score > 0 ? "B" : "equal"}`,
  );
  return [
    `split=${row.split}`,
    `label=${row.agg.label}`,
    `strength=${row.agg.strength}`,
    `agreement=${row.agg.n > 1 ? "most agree" : "one person"}`,
    `category=${row.category}`,
    ...new Set([
      `language=${LANGUAGES[Math.floor((at % 17) / 3)]}`,
      `language=${LANGUAGES[(at * at) % LANGUAGES.length]}`,
    ]),
    ...(row.licences.length > 0 ? row.licences : ["unknown"]).map((name) => `licence=${name}`),
    `repository=https://github.com/${["mlflow/mlflow", "pallets/flask", "vitejs/vite"][at % 3]}${at % 40 === 0 ? `-${at}` : ""}`,
    `turn=${1 + (at % 9 === 0 ? 1 : 0)}`,
    ...axes,
  ];
}

function allOf(dataset: string): { row: Row; facets: string[] }[] {
  const sizes = SIZES[dataset] ?? { train: 0, test: 0 };
  const made =
    known.get(dataset) ??
    (["train", "test"] as const)
      .flatMap((split) =>
        Array.from({ length: sizes[split] }, (_, index) => rowOf(dataset, { split, number: index + 1 }, true)),
      )
      .map((row, at) => ({ row, facets: facetsOf(row, at) }));
  known.set(dataset, made);
  return made;
}

const nameOf = (facet: string) => facet.slice(0, facet.indexOf("="));

function matches(one: { row: Row; facets: string[] }, where: readonly string[], q: string): boolean {
  const said = `${one.row.request}\n${one.row.ratings.map((rating) => rating.justification).join("\n")}`.toLowerCase();
  const names = new Set(where.map(nameOf));
  return (
    said.includes(q) &&
    [...names].every((name) => one.facets.some((facet) => nameOf(facet) === name && where.includes(facet)))
  );
}

/** How often rows were asked for: those of the demo are read the first times. */
let asked = 0;

export function datasetRows(call: Call): Answer {
  const [, dataset = ""] = call.parts;
  const { query } = call;
  const where = query.getAll("where");
  const q = (query.get("q") ?? "").trim().toLowerCase();
  if (dataset === "loop-demo" && asked++ < 3)
    return {
      json: {
        state: "reading",
        done: 640_000 * asked,
        of: 1_900_000,
        total: 0,
        matching: 0,
        start: 0,
        facets: [],
        rows: [],
      },
    };
  const all = allOf(dataset);
  const found = all.filter((one) => matches(one, where, q));
  const start = Number(query.get("start") ?? 0);
  const names = [...new Set(all.flatMap((one) => one.facets.map(nameOf)))];
  const facets = names.map((name) => {
    const others = all.filter((one) =>
      matches(
        one,
        where.filter((choice) => nameOf(choice) !== name),
        q,
      ),
    );
    const count = (rows: typeof all) => {
      const counts = new Map<string, number>();
      for (const one of rows)
        for (const facet of one.facets) if (nameOf(facet) === name) counts.set(facet, (counts.get(facet) ?? 0) + 1);
      return counts;
    };
    const [totals, counts] = [count(all), count(others)];
    const values = [...totals].map(([facet, total]) => ({
      value: facet.slice(name.length + 1),
      count: counts.get(facet) ?? 0,
      total,
    }));
    values.sort((a, b) => b.count - a.count || b.total - a.total);
    return { name, values: values.slice(0, 50), more: Math.max(0, values.length - 50) };
  });
  const rows = found.slice(start, start + Number(query.get("count") ?? 25)).map(({ row, facets: own }) => ({
    ...{ id: row.id, split: row.split, number: row.number, title: row.request.split("\n", 1)[0], turn: row.turn },
    ...{ label: row.agg.label, strength: row.agg.strength, n: row.agg.n, category: row.category, pairs: row.pairs },
    repository: own.find((facet) => nameOf(facet) === "repository")?.slice("repository=".length) ?? "",
  }));
  return { json: { state: "ready", done: 0, of: 0, total: all.length, matching: found.length, start, facets, rows } };
}

/** Which rows are before and behind one of those that match. */
function among(dataset: string, row: Row, query: URLSearchParams): Partial<Row> {
  const where = query.getAll("where");
  const q = (query.get("q") ?? "").toLowerCase();
  if (where.length === 0 && q === "") return {};
  const ids = allOf(dataset)
    .filter((one) => matches(one, where, q))
    .map((one) => one.row.id);
  const at = ids.indexOf(row.id);
  return {
    matching: ids.length,
    place: at < 0 ? null : at + 1,
    previous: ids[at - 1] ?? null,
    next: ids[at + 1] ?? null,
  };
}

type Message = Record<string, unknown>;

const call = (id: string, name: string, given: Message): Message => ({
  role: "assistant",
  content: "",
  reasoning_content: id === "c1" ? "Where is the file written? Look before changing anything." : undefined,
  tool_calls: [{ id, type: "function", function: { name, arguments: given } }],
});

function messagesOf(at: At, part: string): Message[] {
  const request = REQUESTS[(at.number - 1) % REQUESTS.length] ?? "";
  if (part === "prompt")
    return [
      { role: "system", content: "You are a coding agent. Work in /work, and call `submit` when you are done." },
      { role: "user", content: request },
    ];
  const count = at.number === HUGE ? 3000 : 30;
  const said =
    at.number === HUGE
      ? "src/paging.py:14: def page(size: int) -> Page:\n".repeat(30)
      : "mlflow/models/container/__init__.py:24: def _install_pyfunc_deps(model_path=None):\n";
  const messages = Array.from({ length: count }, (_, index) => [
    call(`c${index + 1}`, "bash", {
      command:
        index % 3 === 0
          ? `rg -n "dependencies" mlflow | head -${index + 1}`
          : `sed -n ${index},${index + 40}p mlflow/models/container/__init__.py`,
    }),
    { role: "tool", tool_call_id: `c${index + 1}`, name: "bash", content: said },
  ]).flat();
  const end = part === "a" ? "Each dependency is quoted **by itself**, and a test says so. \u202eedoc hidden" : "Done.";
  return [...messages, { role: "assistant", content: end }];
}

const MOST_MESSAGES = 400;

export function datasetRow(call: Call): Answer {
  const [, dataset = "", , what] = call.parts;
  const { query } = call;
  const named = query.get("row");
  const at =
    named === null
      ? { split: (query.get("split") ?? "train") as Split, number: Number(query.get("number") ?? 1) }
      : placeOf(dataset, named);
  placeOf(dataset, idOf(at));
  if (at.number === TORN && at.split === "train")
    throw new Refusal(
      409,
      "dataset-damaged",
      `/srv/marlin/datasets/${dataset}-40d52b797f6f/rows/train.jsonl:5 is no JSON: Unterminated string starting at: line 1 column 88412`,
      {
        hint: "Build it again, or copy it again.",
      },
    );
  if (what === "patch") return { text: patchOf(at, query.get("side") === "b" ? "B" : "A") };
  if (what === "messages") {
    const all = messagesOf(at, query.get("part") ?? "a");
    const start = Number(query.get("start") ?? 0);
    return { json: { messages: all.slice(start, start + MOST_MESSAGES), start, total: all.length } };
  }
  if (what === "json") {
    const { a, b, ...row } = rowOf(dataset, at);
    const whole = (side: RowSide, part: "a" | "b") => ({
      ...side,
      patch: patchOf(at, part === "a" ? "A" : "B"),
      messages: messagesOf(at, part),
    });
    return { text: JSON.stringify({ ...row, a: whole(a, "a"), b: whole(b, "b") }), type: "application/json" };
  }
  const row = rowOf(dataset, at);
  return { json: { ...row, ...among(dataset, row, query) } };
}
