"""Making the lines of the spool: for many rows by processes, since nearly all of it is Python's own work.

A few rows are made in a thread: processes take seconds to start.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.datasets.contents import Contents, Result
from marlin.datasets.errors import DatasetStoppedError
from marlin.datasets.places import places_of
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.spooling import Spool
from marlin.datasets.suspicions import Decision
from marlin.tasks import Code
from marlin.workspaces import DurableStore, MirrorStore

ALONE = 256
"""Rows that are made before processes are started."""
MOST_HELD = 500
"""Values of a row that a person is asked about. Nobody decides on a file of thousands."""
_MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Order:
    """A row to be made. :ivar digest: of all that decides it. :ivar row: what the tables know of it."""

    digest: str
    row: dict[str, Any]
    results: tuple[Result, Result]


@dataclass(frozen=True, slots=True)
class _Place:
    """What a process needs to know: names of agents and models to take out, decisions, and where everything is."""

    storage: str
    mirrors: Path
    models: tuple[str, ...] | None
    decisions: dict[str, Decision]


class Maker:
    """Makes lines; close it at the end."""

    def __init__(
        self, code: Code, *, models: Sequence[str] | None, decisions: Mapping[str, Decision], alone: int = ALONE
    ) -> None:
        names = None if models is None else tuple(models)
        self._place = _Place(code.durable.url, code.mirrors.root, names, dict(decisions))
        self._processes = min(_MOST_PROCESSES, len(os.sched_getaffinity(0)))
        self._left = alone if self._processes > 1 else None
        self._here = _Line(self._place)
        self._executor: Executor = ThreadPoolExecutor(1, thread_name_prefix="marlin-rows")
        self._make: Callable[[Order], bytes] = self._here.make

    @property
    def at_once(self) -> int:
        """Rows to ask for before the first one is waited for."""
        return 2 * self._processes + 2

    def ask(self, order: Order) -> asyncio.Future[bytes]:
        """A row's line, some time later; see :func:`line_of`.

        :raises DatasetStoppedError: a process is gone.
        """
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self._start_processes()
        try:
            return asyncio.get_running_loop().run_in_executor(self._executor, self._make, order)
        except BrokenProcessPool as error:
            raise _stopped() from error

    def _start_processes(self) -> None:
        self._left = None
        self._executor.shutdown(wait=False)  # what it was asked for it still makes
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "identify.identify"])  # what is imported once is shared
        self._executor = ProcessPoolExecutor(self._processes, context, initializer=_begin, initargs=(self._place,))
        self._make = _make

    async def close(self) -> None:
        """End processes and threads; what was asked for and not made is not made any more."""
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)
        self._here.close()


async def line_of(asked: asyncio.Future[bytes]) -> bytes:
    """What :meth:`Maker.ask` promised.

    :raises DatasetStoppedError: its process is gone.
    """
    try:
        return await asked
    except BrokenProcessPool as error:
        raise _stopped() from error


def _stopped() -> DatasetStoppedError:
    return DatasetStoppedError(
        "A process that makes rows was ended from outside, perhaps because the machine had no memory left.",
        hint="Run the same command again: it goes on from what was done.",
    )


class _Line:
    def __init__(self, place: _Place) -> None:
        durable = DurableStore(place.storage)
        self._place, self._contents = place, Contents(durable, MirrorStore(place.mirrors, durable))

    def make(self, order: Order) -> bytes:
        row = order.row
        self._contents.complete(row, order.results)
        scrubber = Scrubber(models=self._place.models, decisions=self._place.decisions)
        clean = scrubber.value(row)
        held = _held(scrubber, clean) if len(scrubber.held) <= MOST_HELD else None
        return Spool.line(order.digest, {"row": clean, "scrubbed": dict(scrubber.counts), "held": held})

    def close(self) -> None:
        self._contents.close()


def _held(scrubber: Scrubber, clean: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What nobody has decided on, by id: what a person needs to do so."""
    if not scrubber.held:
        return {}
    places = places_of(clean, scrubber.held.values())
    return {one.id: {"name": one.name, "shown": one.shown, "places": places[one.id]} for one in scrubber.held.values()}


_line: _Line | None = None


def _begin(place: _Place) -> None:
    """In each process: it ends with the build, however that ends, and leaves Ctrl-C to it."""
    global _line
    gc.freeze()  # what was imported is shared between processes until a collection writes into all of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_build, daemon=True).start()
    _line = _Line(place)


def _end_with_the_build() -> None:
    # Nothing else does it after a kill: the processes hold open what the server of forks waits for, and it them.
    builder = multiprocessing.parent_process()
    assert builder is not None
    builder.join()
    os._exit(1)


def _make(order: Order) -> bytes:
    assert _line is not None
    return _line.make(order)
