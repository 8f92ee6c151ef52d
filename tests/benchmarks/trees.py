"""What a command and all of its processes use: time on a core, and memory, looked at again and again."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Used:
    """:ivar cpu: seconds on cores. :ivar peak: MiB at most at a time, of memory that is shared each one's share."""

    seconds: float
    cpu: float
    peak: float


def measure(command: Sequence[str], settings: Mapping[str, str]) -> Used:
    """Run a command to its end.

    :raises RuntimeError: it failed.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=dict(settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        watch = _Watch(running.pid)
        watch.start()
        _, said = running.communicate()
        seconds = time.perf_counter() - started
        watch.join()
    if running.returncode:
        raise RuntimeError(said[-2000:])
    return Used(seconds, watch.cpu, watch.peak)


class _Watch(threading.Thread):
    """Looks at a process and what it started, until it is gone. What ran for less than a look is not seen."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process, self._ran = process, dict[int, float]()
        self.peak = 0.0

    @property
    def cpu(self) -> float:
        return sum(self._ran.values())

    def run(self) -> None:
        while tree := _tree(self._process):
            # whoever has ended keeps what it had run at the last look
            self._ran |= {process: ran for process, ran in tree.items() if ran}
            self.peak = max(self.peak, sum(map(_memory, tree)) / 1024)
            time.sleep(_EVERY)


def _tree(root: int) -> dict[int, float]:
    """Seconds on a core of a process and all below it."""
    parents, ran = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "Z":
                continue
            parents[int(folder.name)] = int(fields[1])
            ran[int(folder.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found: dict[int, float] = {}
    for process in ran:
        above: int | None = process
        while above is not None and above != root:
            above = parents.get(above)
        if above == root:
            found[process] = ran[process]
    return found


def _memory(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
