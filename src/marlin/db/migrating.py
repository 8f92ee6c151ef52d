"""Bringing the tables up to date: Marlin's own by Alembic, the job engine's by DBOS, both under one lock."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from marlin.db import jobs
from marlin.db.engine import Database
from marlin.db.errors import SchemaOutdatedError, unavailable
from marlin.logging import get

CONTEXTS = (
    "accounts",
    "ledger",
    "campaigns",
    "tasks",
    "comparisons",
    "checkouts",
    "terminals",
    "assignments",
    "ratings",
    "reviews",
    "leaderboards",
    "datasets",
    "tuning_runs",
)
"""Packages that may have a module ``models``; the migrations cover all of them."""

_LOCK = 0x6D61726C696E  # "marlin": the key of the advisory lock
_log = get(__name__)


def import_models() -> None:
    """Import every context's tables, so that ``Base.metadata`` is whole."""
    importlib.import_module("marlin.db.models")
    for context in CONTEXTS:
        if importlib.util.find_spec(f"marlin.{context}") and importlib.util.find_spec(f"marlin.{context}.models"):
            importlib.import_module(f"marlin.{context}.models")


def is_ours(name: str | None, kind: str, parents: Any) -> bool:
    """Whether a table or schema found in the database is Marlin's; DBOS looks after its own."""
    return not (kind == "schema" and name not in (None, "public"))


def upgrade(url: URL) -> None:
    """Create or update all tables. Blocking. Several processes may call it at once: one does it, the others wait.

    :raises DatabaseUnavailableError: if the database does not answer.
    :raises SchemaOutdatedError: if the tables are from a later version of Marlin.
    """
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection, _lock(connection):
            _require_known(connection)
            command.upgrade(config(connection), "head")
            connection.commit()
            jobs.migrate(url)
    except SQLAlchemyError as error:
        away = unavailable(error)
        if away is None:
            raise
        raise away from error
    finally:
        engine.dispose()


async def check_schema(database: Database) -> None:
    """Make sure that the tables are those of this version.

    :raises SchemaOutdatedError: if they are older or newer.
    """

    def read(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    async with database.transaction() as session:
        have = await (await session.connection()).run_sync(read)
    if have is None:
        raise SchemaOutdatedError(
            "There are no tables yet.", hint="Run `marlin init` or `marlin db upgrade`: they make them."
        )
    if have != head():
        raise SchemaOutdatedError(
            f"The tables are at revision {have}, this version of Marlin needs {head()}.",
            hint="Run `marlin db upgrade`; if the database is newer, install the newer Marlin.",
        )


def head() -> str | None:
    """The revision that this version of Marlin needs."""
    return ScriptDirectory.from_config(config(None)).get_current_head()


def config(connection: Connection | None) -> Config:
    """Alembic's configuration, on an open connection."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


@contextlib.contextmanager
def _lock(connection: Connection) -> Iterator[None]:
    """Hold the advisory lock for the block.

    It is asked for again and again instead of waited for: a statement that waits is a transaction in progress, and
    DBOS's ``CREATE INDEX CONCURRENTLY`` waits for all of those to end.
    """
    while True:
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        if taken:
            break
        time.sleep(0.1)
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()


def _require_known(connection: Connection) -> None:
    have = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    known = {script.revision for script in ScriptDirectory.from_config(config(None)).walk_revisions()}
    if have is not None and have not in known:
        raise SchemaOutdatedError(
            f"The tables are at revision {have}, which this version of Marlin does not know.",
            hint="They were made by a newer Marlin: install that one.",
        )
