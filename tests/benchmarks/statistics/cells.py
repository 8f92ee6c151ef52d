"""Cells of the study's tables, kept as they are finished, so that a run that was ended goes on where it was."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEPT = Path(__file__).parent / "results.json"

Cell = dict[str, Any]


class Cells:
    """Results by name.

    :param again: names (or beginnings of names) to compute anew.
    """

    def __init__(self, again: tuple[str, ...] = (), path: Path = KEPT) -> None:
        self.path, self.again = path, again
        self.found: dict[str, Cell] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name: str, compute: Callable[[], Cell]) -> Cell:
        """The cell, computed if it is not kept."""
        if name in self.found and not any(name.startswith(prefix) for prefix in self.again):
            return self.found[name]
        began = time.perf_counter()
        print(f"{name} …", end=" ", flush=True, file=sys.stderr)
        cell = compute()
        cell["seconds"] = round(time.perf_counter() - began, 1)
        print(f"{cell['seconds']} s", flush=True, file=sys.stderr)
        self.found[name] = cell
        self.path.write_text(json.dumps(self.found, indent=1, sort_keys=True) + "\n")
        return cell
