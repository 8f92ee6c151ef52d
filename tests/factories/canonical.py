"""Canonical rows of datasets, as :mod:`marlin.datasets` writes them: made up from a seed, and small."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from marlin.dataset_files import Manifest, ManifestFile, SplitRule
from marlin.datasets.registry import dataset_key

Row = dict[str, Any]
CATEGORIES = ["bug_fix", "feature", "refactor"]
LICENCES = [["MIT"], ["Apache-2.0"], ["MIT", "Apache-2.0"], []]
WORDS = ["Refuse", "Cache", "Stream", "Retry", "Order"]
FILES = ["src/paging.py", "web/list.ts", "cmd/main.go", "docs/api.md"]


def patch(file: str, said: str) -> str:
    """A change of one line."""
    return (
        f"diff --git a/{file} b/{file}\nindex 1111111..2222222 100644\n--- a/{file}\n+++ b/{file}\n"
        f"@@ -1,2 +1,2 @@\n first\n-second\n+{said}\n"
    )


def side(arm: str, file: str, said: str, *, failing: int = 0) -> Row:
    """A side that looked at a file, changed it and said so."""
    call = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": {"command": f"cat {file}"}}}
    return {
        "arm": arm,
        "agent": "scripted",
        "model": f"{arm}-model",
        "commit": hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest(),
        "outcome": "completed",
        "patch": patch(file, said),
        "patch_refused": None,
        "source": "gateway",
        "usable": True,
        "refused": None,
        "system": "You are a coding agent.",
        "tools": [],
        "messages": [
            {"role": "assistant", "content": "", "reasoning_content": "look first", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "name": "bash", "content": "first\nsecond"},
            {"role": "assistant", "content": f"It says {said} now."},
        ],
        "checks": {
            "newly_failing": failing,
            "results": [
                {
                    "kind": "tests",
                    "name": "pytest -q",
                    "status": "failed" if failing else "passed",
                    "against_base": "newly_failing" if failing else "still_passing",
                }
            ],
        },
        "sandbox": {"backend": "bubblewrap", "base_image": "python-3.12"},
    }


def row(number: int, split: str = "train", *, seed: int = 1) -> Row:
    """A judged pair of results: which side, how strongly and on what, from the seed."""
    rng = random.Random(f"{seed}/{split}/{number}")
    label = rng.choice(["A", "A", "B", "equal", "both_bad"])
    strength = rng.randint(1, 3) if label in ("A", "B") else 0
    sign = {"A": -1, "B": 1}.get(label, 0)
    axes = {"correctness": sign * strength, "security": rng.choice([-1, 0, 0, 1])}
    file = rng.choice(FILES)
    request = f"{rng.choice(WORDS)} a negative page size, number {number}."
    base = hashlib.sha1(f"{split}{number}".encode(), usedforsecurity=False).hexdigest()
    return {
        "id": f"{split}-{number}-1",
        "comparison_id": f"{split}-{number}",
        "turn": 1 + number % 2,
        "continuation": "session",
        "campaign": "autumn",
        "synthetic": False,
        "task_id": f"task-{number}",
        "category": rng.choice(CATEGORIES),
        "repository": f"repository-{number % 4}",
        "source": f"https://code.example/{split}/{number % 4}",
        "base_commit": base,
        "start_commit": base,
        "licences": rng.choice(LICENCES),
        "environment": {"id": "e", "key": "k", "base_image": "python-3.12", "set_up": "pip install -e ."},
        "rubric_version": 2,
        "guidelines_version": 3,
        "request": request,
        "prompt": [{"role": "system", "content": "You are a coding agent."}, {"role": "user", "content": request}],
        "tools": [{"type": "function", "function": {"name": "bash", "parameters": {}}}],
        "a": side("next", file, f"a{number}"),
        "b": side("last", file, f"b{number}", failing=number % 3 == 0),
        "ratings": [
            {
                "rater": f"rater-{number % 5}",
                "terms": "2026-10",
                "verdict": "preference" if sign else label,
                "preferred": label if sign else None,
                "strength": strength,
                "axes": axes,
                "key_axis": "correctness",
                "justification": f"The boundary of {number} is [A#{file}:2] handled.",
                "sides_swapped": False,
                "gold": False,
                "gold_agreed": None,
            }
        ],
        "agg": {
            "label": label,
            "strength": strength,
            "n": 1,
            "agreement": 1.0,
            "method": "single",
            "axes": {name: float(score) for name, score in axes.items()},
        },
        "pairs": bool(sign),
        "pairs_refused": None if sign else f"no preference: {label}",
        "single": True,
        "trajectory": bool(sign),
        "trajectory_refused": None if sign else f"no preference: {label}",
        "split": split,
    }


def dataset(
    folder: Path, *, train: int = 8, test: int = 2, change: Callable[[Row], Row] | None = None, name: str = "autumn"
) -> Path:
    """A folder of rows alone, with a manifest that fits."""
    sizes = {"train": train, "test": test}
    for split, size in sizes.items():
        write_rows(folder, split, (row(number, split) for number in range(size)), change)
    return sealed(folder, name)


def write_rows(folder: Path, split: str, rows: Iterable[Row], change: Callable[[Row], Row] | None = None) -> None:
    """A split's file."""
    path = folder / "rows" / f"{split}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for made in rows:
            text = json.dumps(change(made) if change else made, ensure_ascii=False, separators=(",", ":"))
            lines.write(text + "\n")


def sealed(folder: Path, name: str = "autumn") -> Path:
    """Write the manifest of the rows that lie in a folder: again, after a test has changed them."""
    files = []
    for path in sorted(folder.glob("rows/*.jsonl")):
        digest, size, rows = hashlib.sha256(), 0, 0
        with path.open("rb") as lines:
            for line in lines:
                digest.update(line)
                size, rows = size + len(line), rows + 1
        name_of = str(path.relative_to(folder))
        files.append(ManifestFile(path=name_of, sha256=digest.hexdigest(), bytes=size, rows=rows))
    counts = {Path(file.path).stem: file.rows or 0 for file in files}
    manifest = Manifest(
        name=name,
        campaigns=[name],
        synthetic=False,
        marlin="0",
        filters={},
        rubric_versions=[2],
        guidelines_versions=[3],
        axes=["correctness", "security"],
        counts={"rows": sum(counts.values())},
        left_out=[],
        scrubbed={},
        split=SplitRule(by=["task"], seed="0", test_fraction=0.1, rows=counts, hash="0"),
        views={},
        files=files,
    )
    (folder / "dataset.json").write_bytes(manifest.sealed().to_bytes())
    return folder


def folder_of(home: Path) -> Path:
    """Where the one dataset of a home is."""
    return home / "datasets" / "autumn-1"


def key_of(home: Path) -> str:
    """Its id in addresses."""
    return dataset_key(folder_of(home))


def home_with(home: Path, *, train: int, test: int) -> Path:
    """A home with one dataset."""
    dataset(folder_of(home), train=train, test=test)
    return home
