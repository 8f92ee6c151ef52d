"""How often a worker looks into its queues: seldom while it has nothing to do, at once when there may be something.

The job engine's threads poll, each on its own, and have no way to be woken. They wait on one event, which says that the
worker stops; what they wait with is replaced here. Only looking is paced: a queue that nobody is told of is looked into
all the same, after :data:`IDLE` at the latest.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import psycopg
from sqlalchemy.engine import URL

from marlin.logging import get

CHANNEL = "marlin_jobs"
IDLE = 5.0
"""Seconds between two looks into a queue of a worker that runs no job and is told of none."""
_THREAD = "queue-worker-"
"""How the engine names the thread that looks into a queue; the queue's name follows."""
_log = get(__name__)


class Pace:
    """The waiting of the engine's threads.

    :param busy: whether the worker runs jobs: then each end of one may make room for the next, and the engine's own
        interval holds.
    """

    def __init__(self, *, busy: Callable[[], bool], idle: float = IDLE) -> None:
        self._busy, self._idle = busy, idle
        self._changed = threading.Condition()
        self._told: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def govern(self, stop: threading.Event) -> None:
        """Replace the ``wait`` and ``set`` of one of the engine's events. Other threads wait on it as before."""
        wait, end = stop.wait, stop.set

        def paced(timeout: float | None = None) -> bool:
            name = threading.current_thread().name
            if timeout is None or not name.startswith(_THREAD):
                return wait(timeout)
            self._wait(name.removeprefix(_THREAD), timeout, stop.is_set)
            return stop.is_set()

        def told() -> None:
            end()
            with self._changed:
                self._changed.notify_all()

        stop.wait, stop.set = paced, told  # type: ignore[method-assign]

    def look(self, queue: str = "") -> None:
        """Make the thread of ``queue``, or every one, look now."""
        with self._changed:
            self._told[queue] = self._told.get(queue, 0) + 1
            self._changed.notify_all()

    def _wait(self, queue: str, interval: float, stopped: Callable[[], bool]) -> None:
        began = time.monotonic()
        with self._changed:
            while not stopped() and self._count(queue) <= self._seen.get(queue, 0):
                limit = interval if self._busy() else max(interval, self._idle)
                left = began + limit - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._seen[queue] = self._count(queue)

    def _count(self, queue: str) -> int:
        return self._told.get(queue, 0) + self._told.get("", 0)


async def listen(url: URL, pace: Pace) -> None:
    """Make queues be looked into when a job is put into them, by whichever process. Endless."""
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                dsn, autocommit=True, connect_timeout=5, application_name="marlin jobs", keepalives_idle=10
            ) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                pace.look()  # what was put into a queue while nobody listened
                async for notification in connection.notifies():
                    pace.look(notification.payload)
        except psycopg.Error as error:
            _log.warning("listening for jobs is interrupted", reason=str(error).strip())
            await asyncio.sleep(0.5)
