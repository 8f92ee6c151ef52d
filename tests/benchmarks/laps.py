"""Measurements, and the rows they become.

A row has ``name``, ``value``, ``unit``, ``target`` (None: orientation only), ``ratio`` and ``against`` (this value over
that of the named comparison, measured in turn in the same run). A name that ends in ``, p50`` or ``, p99`` is a part of
one measurement; of fewer than 100 runs the p99 is the slowest.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def quick() -> bool:
    """Whether a run should only show that everything works (``--quick``)."""
    return os.environ.get("MARLIN_BENCHMARKS") == "quick"


def tell(text: str) -> None:
    """Progress, on stderr."""
    print(f"  {text}", file=sys.stderr, flush=True)


def quantile(values: Sequence[float], part: int) -> float:
    """The value below which ``part`` per cent of the values lie."""
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def cpu_seconds(process: int) -> float:
    """What all threads of a process have run so far: unlike waiting times, it does not depend on the neighbours."""
    nanoseconds = (path.read_text().split()[0] for path in Path(f"/proc/{process}/task").glob("*/schedstat"))
    return sum(map(int, nanoseconds)) / 1e9


class Laps:
    """Named measurements, in seconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Measure the block under ``name``."""
        started = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - started)

    def add(self, name: str, seconds: float) -> None:
        """Note a measurement that was made elsewhere."""
        self.taken.setdefault(name, []).append(seconds)

    def rows(
        self, prefix: str = "", *, targets: dict[str, float] | None = None, against: dict[str, str] | None = None
    ) -> list[Row]:
        """Median and p99 of each, in milliseconds.

        :param targets: the p99 that is wished for, in milliseconds, by name.
        :param against: which other measurement each is compared with.
        """
        found = []
        for name, seconds in self.taken.items():
            other = (against or {}).get(name)
            for part in (50, 99):
                value = quantile(seconds, part)
                compared = {"ratio": value / quantile(self.taken[other], part), "against": other} if other else {}
                row = {"name": f"{prefix}{name}, p{part}", "value": value * 1000, "unit": "ms"}
                target = (targets or {}).get(name) if part == 99 else None
                found.append(row | {"target": target, "ratio": None, "against": None} | compared)
        return found
