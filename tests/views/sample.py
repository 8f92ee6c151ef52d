"""A small dataset, shaped by the code that shapes real ones.

For ``scripts/verify-views``: ``python -m tests.views.sample DIR``.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

from tests.factories.preferences import KINDS, TOOLS, trajectory

from marlin.dataset_files import view_path
from marlin.datasets.lines import to_line
from marlin.datasets.shaping import views_of


def canonical(rng: random.Random, number: int) -> dict[str, Any]:
    """A row whose tools take arguments of different names: what a table of fixed columns would mix up."""
    kind = rng.randrange(len(KINDS))
    better = number % 2

    def side(careful: bool) -> dict[str, Any]:
        word = "checked" if careful else "guessed"
        patch = f"--- a/shop.py\n+++ b/shop.py\n@@ -1 +1 @@\n-price = {number}\n+price = {number}  # {word}\n"
        messages = trajectory(rng, kind, careful=careful)
        return {"messages": messages, "patch": patch, "usable": True, "checks": {"newly_failing": 0}}

    request = f"correct the price of item {number}"
    return {
        "id": f"row-{number}",
        "task_id": f"task-{number}",
        "repository": f"{number:040x}",
        "source": f"https://git.example.com/shop-{number}.git",
        "start_commit": f"{number:040x}",
        "category": "bug_fix",
        "request": request,
        "prompt": [{"role": "system", "content": "you are a coding agent"}, {"role": "user", "content": request}],
        "tools": TOOLS,
        "a": side(not better),
        "b": side(bool(better)),
        "agg": {
            "label": "AB"[better],
            "strength": 1 + number % 3,
            "agreement": 1.0,
            "axes": {"security": better * 4 - 2},
        },
        "pairs": True,
        "trajectory": True,
        "single": True,
    }  # fmt: skip


def write(root: Path, train: int = 16, test: int = 4) -> None:
    """Every view's files."""
    rng = random.Random(7)
    for number in range(train + test):
        for view, row in views_of(canonical(rng, number)):
            path = root / view_path(view, "train" if number < train else "test")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(to_line(row))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
