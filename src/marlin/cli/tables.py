"""``marlin db``: the tables."""

from __future__ import annotations

import asyncio

import typer

from marlin.db import opened
from marlin.db.engine import parse_url
from marlin.db.hosting import database
from marlin.db.migrating import check_schema, head, upgrade
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="The database: bring its tables up to date, check them.")


@app.command("upgrade")
def upgrade_() -> None:
    """Create the tables, or bring them up to date. `marlin up` does so by itself; with several hosts run it once."""

    async def run() -> None:
        async with database(get_settings()) as settings:
            assert settings.database_url is not None
            await asyncio.to_thread(upgrade, parse_url(settings.database_url))

    asyncio.run(run())
    typer.echo(f"The tables are at revision {head()}.")


@app.command()
def check() -> None:
    """Check that the tables are those of this version; exit status 6 if they are not."""

    async def run() -> None:
        async with database(get_settings()) as settings:
            assert settings.database_url is not None
            async with opened(settings.database_url, pool_size=1) as opened_database:
                await check_schema(opened_database)

    asyncio.run(run())
    typer.echo(f"The tables are at revision {head()}, as this version needs them.")
