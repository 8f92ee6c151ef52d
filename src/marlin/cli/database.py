"""How commands reach the database: the one that is named, or the embedded one, for as long as the command runs."""

from __future__ import annotations

import asyncio
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
    """

    async def run() -> T:
        async with database(settings or get_settings()) as found:
            assert found.database_url is not None
            if create_tables:
                await asyncio.to_thread(upgrade, parse_url(found.database_url))
            async with opened(found.database_url, pool_size=1) as opened_database:
                await check_schema(opened_database)
                async with opened_database.transaction() as session:
                    return await work(session)

    return asyncio.run(run())
