"""Measure Marlin: ``python -m tests.benchmarks [--only NAME]… [--quick] [--markdown FILE]``.

The table goes to stdout, progress to stderr. Ratios are what to look at: a value and what it is compared with are
measured in turn in the same run, so a busy machine slows both. ``make bench`` measures on the machine as it is; for the
page docs/reference/benchmarks.md use a quiet one. Exit status 1 if a benchmark could not be run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.benchmarks.laps import Row, tell

BENCHMARKS = {
    "workspaces": "Sandboxes, workspaces, snapshots",
    "serving": "Live events and diffs",
    "ratings": "Ratings and drafts",
    "leaderboards": "What operators read of accepted ratings",
    "datasets": "Building datasets",
    "gateway": "The model gateway",
    "web": "The changes of a turn in the browser",
    "web.service": "The changes of a turn in the browser, from the real service",
    "web_transcripts": "Transcripts in a browser",
}
"""Modules here that have ``run()``, in order, and what their part of the page is called."""

PAGE = Path(__file__).parents[2] / "docs/reference/benchmarks.md"

HEAD = """# Benchmarks

*Made by `make bench` (`python -m tests.benchmarks`).* Measured in one run on one machine: {machine}.
Load average {before} before, {after} after; how busy the machine is shows in every figure but the ratios.{quick}

*Ratio* is the measured value over that of the named comparison, measured in turn in the same run: below 1 Marlin is
faster. *Wished* is for the p99 on two quiet cores. Of fewer than 100 runs the p99 is the slowest one.
What a detour *adds* is the difference of two medians and of two p99s, not a quantile of differences: when the direct
calls had the slower outlier, the p99 shown is below the median.
"""

TAIL = """## Orientation from elsewhere

Label Studio 1.23.2 on another machine of two cores with SQLite, 16 clients: 4 to 5 ratings a second accepted, p99 8 to
10 s; 13 to 18 drafts a second. Another machine and another program's work: no more than an order of magnitude.
"""


@dataclass
class Line:
    """One measurement as the table has it: a value, or median and p99."""

    name: str
    unit: str
    values: dict[str, float] = field(default_factory=dict)
    target: float | None = None
    ratio: float | None = None
    against: str = ""

    def cells(self) -> list[str]:
        """What stands in each column."""
        wished = (
            "" if self.target is None else f"{'≥' if self.unit in ('1/s', 'fps') else '<'} {self.target:g} {self.unit}"
        )
        compared = "" if self.ratio is None else f"{_short(self.ratio)} × {self.against or 'a direct call'}"
        only, median, slowest = (self.values.get(part) for part in ("", "p50", "p99"))
        shown = median if only is None else only
        assert shown is not None
        p99 = "" if slowest is None else _short(slowest)
        return [self.name, f"{_short(shown)} {self.unit}", p99, wished, compared]


def _short(value: float) -> str:
    """Three digits, and never an exponent."""
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}" if abs(value) >= 0.01 or not value else f"{value:.4f}"


def lines(rows: list[Row]) -> list[Line]:
    """Rows, with the parts of one measurement brought together. The ratio shown is that of the medians."""
    found: dict[tuple[str, str], Line] = {}
    for row in rows:
        name, _, part = row["name"].rpartition(", ")
        if part not in ("p50", "p99"):
            name, part = row["name"], ""
        line = found.setdefault((name, row["unit"]), Line(name, row["unit"]))
        line.values[part] = row["value"]
        if row["target"] is not None:
            line.target = row["target"]
        if row["ratio"] is not None and part != "p99":
            line.ratio, line.against = row["ratio"], row.get("against") or ""
    return list(found.values())


def machine() -> str:
    """What it was measured on: nothing that names the machine."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    kernel = platform.release().split("-")[0]
    cores, gib = len(os.sched_getaffinity(0)), int(memory.split()[1]) / 1024**2
    return f"{cores} cores ({cpu}), {gib:.0f} GiB, Linux {kernel}, Python {platform.python_version()}"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


COLUMNS = ["what", "measured", "p99", "wished", "ratio"]


def screen(found: dict[str, list[Line]]) -> None:
    """The table, on stdout."""
    table = Table(*COLUMNS)
    for title, measured in found.items():
        table.add_section()
        table.add_row(f"[bold]{title}[/bold]")
        for line in measured:
            table.add_row(*line.cells())
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def markdown(found: dict[str, list[Line]], before: str, *, quick: bool) -> str:
    """The page."""
    warned = (
        " **A quick run on a busy machine, to show that the benchmarks work: the figures say little.**" if quick else ""
    )
    text = HEAD.format(machine=machine(), before=before, after=_load(), quick=warned)
    for title, measured in found.items():
        rows = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line.cells()) + " |" for line in measured]
        header = f"| {' | '.join(COLUMNS)} |\n|---|---:|---:|---:|---|"
        text += f"\n## {title}\n\n{header}\n" + "\n".join(rows) + "\n"
    return f"{text}\n{TAIL}"


def main() -> int:
    """Run them, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="run this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that everything works")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help=f"write the page, usually {PAGE.name}, to FILE")
    arguments: Any = parser.parse_args()
    if arguments.quick:
        os.environ["MARLIN_BENCHMARKS"] = "quick"
    before, failed = _load(), False
    found: dict[str, list[Line]] = {}
    for name in arguments.only or BENCHMARKS:
        tell(f"{name} (load {_load()})")
        began = time.monotonic()
        try:
            found[BENCHMARKS[name]] = lines(importlib.import_module(f"tests.benchmarks.{name}").run())
        except Exception:
            traceback.print_exc()
            failed = True
        tell(f"{name}: {time.monotonic() - began:.0f} s")
    screen(found)
    if arguments.markdown is not None and not failed:
        arguments.markdown.write_text(markdown(found, before, quick=arguments.quick))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
