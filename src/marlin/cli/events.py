"""``marlin events``: keep the event log small."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from marlin import comparisons
from marlin.counted import counted
from marlin.db import opened
from marlin.db.hosting import database
from marlin.db.migrating import check_schema
from marlin.settings import get_settings
from marlin.tasks import Code

app = typer.Typer(no_args_is_help=True, help="Events: move the logs of finished comparisons into storage.")


@app.callback()
def events() -> None:
    """Events: move the logs of finished comparisons into storage."""


@app.command()
def archive(
    closed_for: Annotated[int, typer.Option(min=1, help="Days since the comparison was accepted or cancelled.")] = 90,
) -> None:
    """Move the logs of comparisons that are long finished from the database into durable storage.

    Each is read back before it is deleted, and put back by itself when somebody opens its transcript. Run it from cron.
    """

    async def run() -> tuple[int, int]:
        async with database(get_settings()) as settings:
            assert settings.database_url is not None
            async with opened(settings.database_url, pool_size=1) as found:
                await check_schema(found)
                return await comparisons.archive_finished(Code(settings), closed_for=timedelta(days=closed_for))

    logs, moved = asyncio.run(run())
    typer.echo(f"{counted(logs, 'log')} archived, {counted(moved, 'event')}.")
