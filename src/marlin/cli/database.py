"""How commands reach the database: the one that is named, or the embedded one, for as long as the command runs."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db import opened
from marlin.db.engine import parse_url
from marlin.db.hosting import database
from marlin.db.migrating import check_schema, upgrade
from marlin.settings import Settings, get_settings

T = TypeVar("T")


def in_transaction(
    work: Callable[[AsyncSession], Awaitable[T]], *, settings: Settings | None = None, create_tables: bool = False
) -> T:
    """Carry out ``work`` in one transaction.

    :param create_tables: bring the tables up to date first, instead of checking that they are.
    :raises SchemaOutdatedError: if the tables are not those of this version.
    :raises UnavailableError: if there is no database to be had.
    :raises SystemExit: the command was asked to end (SIGTERM). As after Ctrl-C nothing of the transaction is kept, and
        nothing that was started for it, an embedded database among it, stays behind.
    """
    terminated = False

    async def run() -> T:
        running = asyncio.current_task()
        assert running is not None

        def end() -> None:
            nonlocal terminated
            terminated = True
            running.cancel()

        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        async with database(settings or get_settings()) as found:
            assert found.database_url is not None
            if create_tables:
                await asyncio.to_thread(upgrade, parse_url(found.database_url))
            async with opened(found.database_url, pool_size=1) as opened_database:
                await check_schema(opened_database)
                async with opened_database.transaction() as session:
                    return await work(session)

    try:
        return asyncio.run(run())
    except asyncio.CancelledError:
        if not terminated:
            raise
        raise SystemExit(128 + signal.SIGTERM) from None
