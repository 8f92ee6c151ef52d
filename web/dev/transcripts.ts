import type { ComparisonEvent, Side } from "../src/api/types.ts";

/** A long, plausible transcript of one side. */
export function transcript(side: Side, turn: number, rounds: number, firstId: number): ComparisonEvent[] {
  const events: ComparisonEvent[] = [];
  let id = firstId;
  const add = (kind: string, data: Record<string, unknown>) =>
    events.push({ id: id++, at: null, kind, turn, side, attempt: 1, data });
  const tool = (
    call: string,
    kind: string,
    title: string,
    input: string,
    output: string,
    status = "completed",
    patch = "",
  ) => {
    add("tool_call", { call_id: call, title, tool: kind, locations: [], input });
    add("tool_update", { call_id: call, status, output, patch });
  };
  add("plan", {
    entries: [
      { content: "Find every place that builds a shell command", status: "completed" },
      { content: "Install without a shell", status: "completed" },
      { content: "Cover options, extras and markers with tests", status: side === "B" ? "completed" : "in_progress" },
    ],
  });
  for (const piece of [
    "I’ll start with the code that ",
    "builds the `pip install` command, ",
    "then look for other callers.",
  ])
    add("message", { message_id: "m0", text: piece });
  tool(
    "c0",
    "search",
    "Search: bash -c",
    'grep -rn "bash.*-c" mlflow/',
    'mlflow/models/container/__init__.py:31:        if Popen(["bash", "-c", ...\nmlflow/models/container/__init__.py:35:        check_call(["bash", "-c", ...\n',
  );
  for (let round = 1; round <= rounds; round++) {
    add("thought", {
      message_id: `t${round}`,
      text: `The dependencies come from python_env.yaml, which the author of the model controls.\nSo each entry must reach pip as an argument, and never a shell.\nStep ${round}: check the next caller.`,
    });
    tool(
      `r${round}`,
      "read",
      `Read mlflow/store/tracking/step_${round}.py`,
      `mlflow/store/tracking/step_${round}.py`,
      "import logging\n\n_logger = logging.getLogger(__name__)\n".repeat(4),
    );
    if (round % 3 === 0)
      tool(
        `e${round}`,
        "edit",
        "Edit mlflow/models/container/__init__.py",
        "mlflow/models/container/__init__.py",
        "",
        "completed",
        `--- a/mlflow/models/container/__init__.py\n+++ b/mlflow/models/container/__init__.py\n@@ -28,4 +28,3 @@\n-    deps = " ".join(env.get("dependencies", []))\n+    deps = env.get("dependencies", [])\n`,
      );
    if (round % 4 === 0)
      tool(
        `x${round}`,
        "execute",
        "Run: python -m pytest -q tests/models",
        "python -m pytest -q tests/models",
        `\u001b[32m${".".repeat(40)}\u001b[0m\u001b[31mF\u001b[0m [100%]\n\u001b[31m1 failed\u001b[0m, 40 passed in 2.31s\n`,
        round % 8 === 0 ? "failed" : "completed",
      );
  }
  add("notice", { text: "Output of a command was cut at 200 kB." });
  // What nobody should be able to do to a reader: every one of these must show, and none of them act.
  tool(
    "hostile",
    "execute",
    "Run: cat \u202egnp.evil",
    "cat \u202egnp.evil",
    "\u001b[2J\u001b]0;owned\u0007before\roverwritten\n\u001b]8;;https://evil.example\u001b\\click me\u001b]8;;\u001b\\\nzero\u200bwidth <img src=x onerror=alert(1)>\n",
  );
  add("message", {
    message_id: "hostile",
    text: "A [link](javascript:alert(1)), an ![image](https://evil.example/track.png), <img src=x onerror=alert(1)> and `user\u202e \u2066# admin`.\n\n<script>alert(1)</script>",
  });
  tool("wide", "execute", "Run: cat dist/bundle.min.js", "cat dist/bundle.min.js", `${"x".repeat(1_000_000)}\nend\n`);
  tool(
    "long",
    "execute",
    "Run: make -j4",
    "make -j4",
    Array.from({ length: 4000 }, (_, line) => `[${line}] cc -O2 -c src/file_${line}.c`).join("\n"),
  );
  const last =
    side === "A"
      ? "Dependencies are now quoted with `shlex.quote` before they reach the shell, so a crafted requirement can’t run a command.\n\n- `mlflow/models/container/__init__.py`: quote every dependency\n- closed database sessions along the way\n"
      : "The shell is gone from the install path: pip gets its arguments as a list.\n\n| input | before | now |\n|---|---|---|\n| `numpy; touch x` | ran `touch` | refused by pip |\n| `-r requirements.txt` | worked | works |\n\nOptions are split as in a requirements file; extras and markers are passed on untouched. Tests cover both.\n";
  for (const piece of last.match(/.{1,60}/gs) ?? []) add("message", { message_id: "end", text: piece });
  return events;
}

/** 100,000 events of one side: pieces of messages, thoughts, and tool calls between them. */
export function longTranscript(side: Side): ComparisonEvent[] {
  longer[side] ??= Array.from({ length: 100_000 }, (_, at) => piece(at + 1, side, Math.floor(at / 10), at % 10));
  return longer[side];
}
const longer: Partial<Record<Side, ComparisonEvent[]>> = {};

/** Events `first` and following of a log in which both sides talk without a pause. */
export function flood(first: number, count: number): ComparisonEvent[] {
  return Array.from({ length: count }, (_, at) => {
    const id = first + at;
    const turn = Math.floor(id / 2);
    return piece(id, id % 2 ? "A" : "B", Math.floor(turn / 10), turn % 10);
  });
}

/** The `part`th of the ten events that make a round: a thought, a call with its output, and a message in pieces. */
function piece(id: number, side: Side, round: number, part: number): ComparisonEvent {
  const event = (kind: string, data: Record<string, unknown>) => ({
    ...{ id, at: "2026-11-23T12:00:00Z", kind, turn: 1, side, attempt: 1, data },
  });
  if (part === 0)
    return event("thought", { message_id: `t${round}`, text: `Round ${round}: what else builds a command?` });
  if (part === 1)
    return event("tool_call", { call_id: `c${round}`, title: `Run: grep -rn bash mlflow/${round}`, tool: "execute" });
  if (part === 2)
    return event("tool_update", {
      call_id: `c${round}`,
      status: round % 7 === 0 ? "failed" : "completed",
      output: `mlflow/${round}/a.py:31: \u001b[31mPopen\u001b[0m(["bash", "-c", deps])\n`.repeat(1 + (round % 5)),
    });
  return event("message", { message_id: `m${round}`, text: `Piece ${part} of **round ${round}** in \`code\`. ` });
}
