"""The database that a command or a service uses: the one that is named, or the embedded one for as long as it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from marlin.db.embedded import EmbeddedPostgres
from marlin.errors import UnavailableError
from marlin.logging import get
from marlin.settings import Settings

_log = get(__name__)


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Settings]:
    """Settings with a database address: their own, or that of the embedded server, which runs for the block.

    The embedded server is watched: when it is killed it is started again.

    :raises EmbeddedPostgresError: if it can't be started.
    """
    if settings.database_url is not None:
        yield settings
        return
    make_home(settings.home)
    postgres = EmbeddedPostgres(settings.home / "postgres")
    url = await asyncio.to_thread(postgres.start)
    watching = asyncio.create_task(_watch(postgres), name="marlin-postgres-watch")
    try:
        yield settings.model_copy(update={"database_url": url})
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.to_thread(postgres.stop)


def make_home(home: Path) -> None:
    """Make the data folder, for its owner alone; others may pass, since as root PostgreSQL runs as a user of its own.

    :raises UnavailableError: if that is not possible.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        if home.stat().st_mode & 0o066:
            home.chmod(0o711)
    except OSError as error:
        raise UnavailableError(
            f"Marlin's data folder {home} can't be made: {error.strerror}.",
            hint="Set MARLIN_HOME to a folder that this user may write.",
        ) from error


async def _watch(postgres: EmbeddedPostgres) -> None:
    while True:
        await asyncio.sleep(0.25)
        try:
            if await asyncio.to_thread(postgres.ensure):
                _log.warning("the embedded PostgreSQL had died and was started again")
        except UnavailableError as error:
            _log.error("the embedded PostgreSQL can't be started", reason=error.message, hint=error.hint)
            await asyncio.sleep(2)
