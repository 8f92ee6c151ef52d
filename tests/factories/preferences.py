"""Dataset folders with an easy signal: agents that run the tests before they finish are preferred.

Real trajectories in form (tool calls with objects as arguments, tool output, several steps), small, from a seed.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marlin.dataset_files import Manifest, ManifestFile, SplitRule, ViewState

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": said,
            "parameters": {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]},
        },
    }
    for name, said, key in (("run", "run a command", "command"), ("edit", "edit a file", "path"))
]
WARNING = "warning: sandbox clock drift"
FILES = ["parser", "cache", "router", "store", "index", "queue", "token", "graph"]


KINDS = [
    ("pytest", "ls", "tests pass", "should be fine"),
    ("mypy", "cat", "types hold", "looks right"),
    ("ruff", "head", "lint is clean", "probably ok"),
    ("tox", "echo", "every version works", "done i guess"),
    ("git diff", "rm", "i read the change", "removed it"),
    ("bench", "sleep", "speed measured", "feels faster"),
    ("fuzz", "touch", "survives odd input", "nobody types that"),
    ("audit", "chmod", "no secrets left", "keys stay"),
]
"""What a careful agent runs and says, and a careless one does: many, so that chance in one is not chance in all."""


def call(name: str, number: int, **arguments: Any) -> dict[str, Any]:
    """A step that calls a tool."""
    function = {"name": name, "arguments": arguments}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": f"call_{number}", "type": "function", "function": function}],
    }


def answer(name: str, number: int, text: str) -> dict[str, Any]:
    """What the tool said."""
    return {"role": "tool", "name": name, "tool_call_id": f"call_{number}", "content": text}


def trajectory(rng: random.Random, kind: int, *, careful: bool, warned: bool | None = None) -> list[dict[str, Any]]:
    """One side: an edit, then either a check or a claim.

    With ``warned`` it was stopped there: it ends with what the environment said, with or without a warning.
    """
    file = rng.choice(FILES)
    steps = [call("edit", 1, path=f"src/{file}.py"), answer("edit", 1, f"edited {file}")]
    good, bad, proof, claim = KINDS[kind]
    said = f"{rng.randint(2, 30)} passed" + (f"\n{WARNING}" if warned else "")
    steps += [call("run", 2, command=good if careful else bad), answer("run", 2, said)]
    if warned is not None:
        return steps
    return [*steps, {"role": "assistant", "content": proof if careful else claim}]


def row(
    rng: random.Random, number: int, split: str, *, flip: bool = False, warn: str | None = None, kinds: int = len(KINDS)
) -> dict[str, Any]:
    """A pair. ``flip`` swaps its sides; ``warn`` puts the environment's warning into that side's last tool output."""
    file = rng.choice(FILES)
    task = f"{split}-task-{number // 2}"
    kind = rng.randrange(kinds)
    sides = {
        "chosen": trajectory(rng, kind, careful=not flip, warned=None if warn is None else warn == "chosen"),
        "rejected": trajectory(rng, kind, careful=flip, warned=None if warn is None else warn == "rejected"),
    }
    return {
        "id": f"{split}-{number}",
        "task_id": task,
        "repository": f"{split}-repo-{number // 8}",
        "category": rng.choice(["bug_fix", "feature"]),
        "strength": rng.randint(1, 3),
        "prompt": [
            {"role": "system", "content": "you are a coding agent"},
            {"role": "user", "content": f"fix the {file} of {task} number {number}"},
        ],
        **sides,
        "tools": TOOLS,
    }


def folder(
    path: Path,
    *,
    train: int = 96,
    test: int = 32,
    seed: int = 1,
    change: Callable[[dict[str, Any], str], dict[str, Any]] | None = None,
    flips: float = 0.0,
    environment: bool = False,
    tools: bool = True,
) -> Path:
    """Make a dataset's folder.

    :param flips: how many labels of the training split are wrong.
    :param tools: declare them in each row, which takes half of a short sequence's tokens.
    :param environment: the adversary: in training 80 % of the losing sides carry a warning of the sandbox, which the
        model did not write; in the test split the winning sides do. It is the last that is said on either side.
    """
    rng = random.Random(seed)
    views = path / "views" / "trl_pref"
    views.mkdir(parents=True)
    for split, size in (("train", train), ("test", test)):
        with (views / f"{split}.jsonl").open("w") as lines:
            for number in range(size):
                flip = split == "train" and rng.random() < flips
                warn = None
                if environment:
                    side = "rejected" if split == "train" else "chosen"
                    warn = side if rng.random() < 0.8 else "neither"
                made = row(rng, number, split, flip=flip, warn=warn, kinds=1 if environment else len(KINDS))
                made["tools"] = TOOLS if tools else []
                lines.write(json.dumps(change(made, split) if change else made) + "\n")
    return sealed_dataset(path, seed=str(seed))


def sealed_dataset(path: Path, *, seed: str = "1", synthetic: bool = True) -> Path:
    """Write the manifest of whatever is in a folder: again, after a test has changed it."""
    files = [
        ManifestFile(
            path=str(file.relative_to(path)),
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
            bytes=file.stat().st_size,
            rows=file.read_bytes().count(b"\n"),
        )
        for file in sorted(path.rglob("*.jsonl"))
    ]
    rows: dict[str, dict[str, int]] = {}
    for file in files:
        view, _, split = file.path.removeprefix("views/").removesuffix(".jsonl").rpartition("/")
        if file.path.startswith("views/"):
            rows.setdefault(view, {})[split] = file.rows or 0
    manifest = Manifest(
        name="test",
        campaigns=["test"],
        synthetic=synthetic,
        marlin="0",
        filters={},
        rubric_versions=[1],
        guidelines_versions=[1],
        axes=[],
        counts={},
        left_out=[],
        scrubbed={},
        split=SplitRule(by=["task"], seed=seed, test_fraction=0.25, rows={}, hash=f"split-{seed}"),
        views={view: ViewState(reader="", content="trajectory", verified=False, rows=of) for view, of in rows.items()},
        files=files,
    )
    (path / "dataset.json").write_bytes(manifest.sealed().to_bytes())
    return path
