"""The kill matrix: ``python -m tests.acceptance.kill_matrix [--case TEXT] [--markdown]``.

Starts real Marlins, kills each kind of process at each moment, and checks that nothing acknowledged is lost, that every
rollout ends without anyone stepping in, that what was shown is never made again, and that nothing is left behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.acceptance import kill_faults
from tests.acceptance.kill_cases import ALL_IN_ONE, APART, Stage, Victim, cases, play
from tests.acceptance.kill_scenes import Desk
from tests.acceptance.kill_world import World, world

from marlin import logging


@contextmanager
def all_in_one() -> Iterator[Stage]:
    """One process with web service, worker and database."""
    with world() as made:
        up = made.up().start()
        made.furnish()
        yield Stage(made, up, up, Desk(made))


@contextmanager
def apart() -> Iterator[Stage]:
    """A web service (with the database), and a worker with a data folder of its own."""
    with world() as made:
        web = made.up(worker=False).start()
        made.furnish()
        yield Stage(made, web, made.worker("worker").start(), Desk(made))


def main() -> int:
    """Run the cases that are asked for; 1 when any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print a table for the documentation")
    parser.add_argument("--case", default="", help="only cases whose name contains this text")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and stop")
    wish = parser.parse_args()
    os.nice(5)
    logging.configure(level="WARNING")  # standard output is the table's
    report = _Report(markdown=wish.markdown, wanted=wish.case, names_only=wish.list)
    report.head()
    for stage_of, victims in ((all_in_one, ALL_IN_ONE), (apart, APART)):
        _run_group(report, stage_of, victims)
    for name, fault in kill_faults.FAULTS.items():
        report.run(name, lambda fault=fault: fault())  # type: ignore[misc]
    return 1 if report.failed else 0


def _run_group(report: _Report, stage_of: Callable[[], object], victims: dict[str, Victim]) -> None:
    wanted = [case for case in cases(victims) if report.wants(" × ".join(case))]
    if report.names_only or not wanted:
        for case in wanted:
            report.run(" × ".join(case), lambda: "")
        return
    remaining = list(wanted)
    while remaining:  # a failure may leave anything: the next case gets a fresh Marlin
        with stage_of() as stage:  # type: ignore[attr-defined]
            fine = True
            while remaining and fine:
                victim, moment = remaining.pop(0)
                fine = report.run(f"{victim} × {moment}", lambda v=victim, m=moment: play(stage, victims[v], m))  # type: ignore[misc]


class _Report:
    def __init__(self, *, markdown: bool, wanted: str, names_only: bool) -> None:
        self._markdown, self._wanted, self.names_only = markdown, wanted, names_only
        self.failed = 0

    def wants(self, name: str) -> bool:
        return self._wanted in name

    def head(self) -> None:
        if self._markdown and not self.names_only:
            print("| killed | when | result | what was recovered |\n|---|---|---|---|", flush=True)

    def run(self, name: str, case: Callable[[], str]) -> bool:
        if not self.wants(name):
            return True
        if self.names_only:
            print(name)
            return True
        began = time.monotonic()
        try:
            result, told = "ok", case()
        except Exception as error:
            self.failed += 1
            result, told = "**failed**", f"{type(error).__name__}: {error}".replace("\n", " ")[:1500]
        victim, _, moment = name.partition(" × ")
        print(f"{name}: {result}, {time.monotonic() - began:.0f} s: {told}", file=sys.stderr, flush=True)
        if self._markdown:
            print(f"| {victim} | {moment} | {result} | {told} |", flush=True)
        return result == "ok"


if __name__ == "__main__":
    sys.exit(main())


__all__ = ["World", "all_in_one", "apart"]
