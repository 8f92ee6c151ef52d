"""The worker, put together: sandboxes, repositories, agents' gateway, and the jobs that use them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from datetime import timedelta

from marlin import checkouts, leaderboards, terminals
from marlin.db import DatabaseUnavailableError, jobs, opened
from marlin.db.engine import Database
from marlin.db.migrating import check_schema
from marlin.http.pruning import prune_idempotent_requests
from marlin.logging import get
from marlin.settings import Settings
from marlin.workbench import open_workbench

HOUSEKEEPING_INTERVAL = 3600.0
"""Seconds between two rounds of forgetting what is no longer needed."""
KEEP_JOBS = timedelta(days=30)
KEEP_ENDED = timedelta(days=30)
"""How long terminals that ended, and addresses to fetch results at that are too old, can still be asked for."""
WATCH_INTERVAL = 60.0
"""Seconds between two looks at questions that pause their campaign once they are decided."""
_log = get(__name__)


@contextlib.asynccontextmanager
async def working(settings: Settings, *, demo: bool = False, hurry: asyncio.Event | None = None) -> AsyncIterator[None]:
    """Run jobs in this process for the block, on the process's database.

    At the end jobs in progress get ``settings.drain_limit`` seconds, or until ``hurry`` is set; what is left then is
    handed to other workers.

    :param demo: whether a view of this machine's /usr may serve as a base image.
    :raises UnsupportedHostError: if this machine can't isolate untrusted work.
    """
    async with open_workbench(settings, demo=demo) as bench:
        shells = terminals.TerminalHost(settings, bench)
        await shells.open()
        terminals.use_host(shells)
        await jobs.launch(settings)
        beside = [
            asyncio.create_task(_keep_house(), name="marlin-housekeeping"),
            asyncio.create_task(_watch_questions(), name="marlin-questions"),
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await shells.close()  # nobody waits for a shell to end by itself
            await jobs.shutdown(drain=settings.drain_limit, hurry=hurry)
            terminals.use_host(None)


async def run_worker(settings: Settings, stop: asyncio.Event, hurry: asyncio.Event, *, demo: bool = False) -> None:
    """Run jobs until ``stop`` is set.

    :raises DatabaseUnavailableError: if no database is set, or it does not answer.
    :raises SchemaOutdatedError: if the tables are not those of this version.
    :raises UnsupportedHostError: if this machine can't isolate untrusted work.
    """
    if settings.database_url is None:
        raise DatabaseUnavailableError(
            "A worker of its own needs to know the database.",
            hint="Set DATABASE_URL; `marlin up` prints that of the embedded one.",
        )
    async with opened(settings.database_url, pool_size=settings.database_pool) as database:
        await _wait_for_tables(database)
        async with working(settings, demo=demo, hurry=hurry):
            await stop.wait()


def stop_signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Events for the first and the second SIGINT or SIGTERM."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def received() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, received)
    return stop, hurry


async def _wait_for_tables(database: Database) -> None:
    for _ in range(20):
        try:
            return await check_schema(database)
        except DatabaseUnavailableError as error:
            _log.warning("waiting for the database", reason=error.message)
            await asyncio.sleep(1.5)
    return await check_schema(database)


async def _keep_house() -> None:
    while True:
        try:
            _log.debug(
                "forgot what is no longer needed",
                jobs=await jobs.prune(KEEP_JOBS),
                terminals=await terminals.prune_terminals(KEEP_ENDED),
                checkouts=await checkouts.prune_checkouts(KEEP_ENDED),
                requests=await prune_idempotent_requests(),
            )
        except Exception:
            _log.exception("housekeeping failed and is tried again later")
        await asyncio.sleep(HOUSEKEEPING_INTERVAL)


async def _watch_questions() -> None:
    watch = leaderboards.Watch()
    while True:
        await asyncio.sleep(WATCH_INTERVAL)
        try:
            await watch.look()
        except Exception:
            _log.exception("looking at questions failed and is tried again later")
