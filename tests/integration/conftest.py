"""A PostgreSQL for the whole test run, and a fresh database in it for each test."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from marlin import logging
from marlin.db import Base, Database, EmbeddedPostgres, jobs, use_database
from marlin.db.engine import parse_url
from marlin.db.migrating import config

_numbers = itertools.count(1)
logging.configure(level="WARNING", as_json=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded server of this test run (without fsync: its data need not outlive it)."""
    for leftover in Path(tempfile.gettempdir()).glob("marlin-test-*"):
        remove_leftover(leftover)
    folder = Path(tempfile.mkdtemp(prefix="marlin-test-"))
    folder.chmod(0o711)  # PostgreSQL's own user must be able to pass
    server = EmbeddedPostgres(folder / "postgres", options={"fsync": "off", "full_page_writes": "off"})
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftover(folder: Path) -> None:
    """Stop the server of a test run that was killed: nobody holds its lock any more."""
    lock = folder / "postgres" / "holders.lock"
    if not lock.exists() or time.time() - lock.stat().st_mtime < 60:
        return  # one that is just starting has the file, and a moment later the lock
    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
    server = EmbeddedPostgres(folder / "postgres")
    if server.pid is not None:
        os.kill(server.pid, signal.SIGQUIT)
        while server.pid is not None:
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres) -> str:
    """Name of a database with Marlin's tables, which the others are copied from."""
    name = f"template_{os.getpid()}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    engine = create_engine(parse_url(postgres.url(name)))
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        MigrationContext.configure(connection).stamp(ScriptDirectory.from_config(config(None)), "head")
    engine.dispose()
    jobs.migrate(parse_url(postgres.url(name)))
    return name


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """Address of a database of this test alone, with Marlin's tables and nothing in them."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')  # type: ignore[call-overload]
    yield postgres.url(name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """This test's database, opened, and made the process's current one (so ``marlin.db.transaction()`` works)."""
    opened = Database(database_url, pool_size=5)
    use_database(opened)
    yield opened
    use_database(None)
    jobs.close_clients()
    await opened.close()
