"""The connection to PostgreSQL: one request or one step of a job is one transaction, committed at the edge.

Endpoints take a parameter :data:`marlin.http.sessions.Session`; jobs, and whatever else has no request, use
:func:`transaction`. Nothing else commits, and no transaction spans an agent's run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import MetaData, Uuid, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from marlin.db.errors import DatabaseUnavailableError, DatabaseUrlError, unavailable
from marlin.db.types import CleanText, Json, UtcDateTime

SILENCE = 60.0
"""Seconds without an answer to a statement after which the database counts as away; no statement of ours takes long."""
RESTED = 0.5
"""Seconds after which a connection is asked whether it lives before it is used again."""


class Base(DeclarativeBase):
    """What every model derives from.

    ``Mapped[str]`` is text, ``Mapped[datetime]`` a UTC time, ``Mapped[UUID]`` a uuid, ``Mapped[dict[str, Any]]`` and
    ``Mapped[list[Any]]`` are jsonb. Constraints get names by convention, so that migrations can refer to them.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: CleanText,
        datetime: UtcDateTime,
        UUID: Uuid,
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }


def parse_url(url: str) -> URL:
    """``url`` with Marlin's driver, psycopg 3.

    :raises DatabaseUrlError: if it can't be read or names another database than PostgreSQL.
    """
    hint = "DATABASE_URL looks like postgresql://user@host:5432/marlin, or unset it to use the embedded PostgreSQL."
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlError("DATABASE_URL can't be read as a database address.", hint=hint) from error
    if parsed.drivername.split("+")[0] not in ("postgresql", "postgres"):
        raise DatabaseUrlError(f"Marlin keeps its data in PostgreSQL, not in {parsed.drivername!r}.", hint=hint)
    if not parsed.database:
        raise DatabaseUrlError("DATABASE_URL does not name a database.", hint=hint)
    return parsed.set(drivername="postgresql+psycopg")


class _Patient(psycopg.AsyncConnection[Any]):
    """A connection that gives up on a server which took a statement and says nothing any more.

    Keepalives notice a machine that is gone. One that hangs (a stopped process, a dead disk) still answers those.
    """

    silence: float = SILENCE

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return await super().wait(gen, interval, timeout=self.silence if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer to a statement: timed out after {self.silence:.0f} s") from error


def _connecting(silence: float) -> Callable[..., Awaitable[psycopg.AsyncConnection[Any]]]:
    async def connect(*args: Any, **options: Any) -> psycopg.AsyncConnection[Any]:
        connection = await _Patient.connect(*args, **options)
        connection.silence = silence
        return connection

    return connect


class Database:
    """A pool of connections and the transactions on it. Safe to share between tasks of one event loop.

    :param url: PostgreSQL address, any ``postgresql…://`` form.
    :param pool_size: connections that it is planned for; under load as many again are opened, and kept.
    :param silence: seconds that a statement may take.
    """

    def __init__(self, url: str, *, pool_size: int = 10, silence: float = SILENCE) -> None:
        self.url = parse_url(url)
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            # SQLAlchemy's overflow closes a connection after each use: under load, a new server process a request.
            pool_size=2 * pool_size,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                "options": "-c timezone=UTC -c application_name=marlin",
                "async_creator_fn": _connecting(silence),
            },
        )
        _replace_dead_connections(self.engine)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed when the block ends, and rolled back when it raises.

        :raises DatabaseUnavailableError: if the database is down or full; then nothing of the block was kept, unless
            the connection broke during the commit itself, which only the database can tell: hence idempotency keys.
        """
        try:
            async with self.sessions.begin() as session:
                yield session
        except SQLAlchemyError as error:
            translated = unavailable(error)
            if translated is None:
                raise
            raise translated from error

    async def ping(self) -> None:
        """Ask the database for an answer.

        :raises DatabaseUnavailableError: if there is none.
        """
        async with self.transaction() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _replace_dead_connections(engine: AsyncEngine) -> None:
    """Ask a connection that rested whether it lives, so that one that died with a restarted database is not handed out.

    As SQLAlchemy's ``pool_pre_ping``, which asks each time: a round trip more for every request, and under load, when
    connections hardly rest, for nothing. A database that crashed needs longer than :data:`RESTED` to be back.
    """
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    def returned(_: object, record: ConnectionPoolEntry) -> None:
        record.info["marlin.returned"] = time.monotonic()

    def handed_out(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        at = record.info.get("marlin.returned")
        if at is None or time.monotonic() - at < RESTED:
            return
        try:
            alive = dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if not dialect.is_disconnect(error, connection, None):
                raise
            alive = False
        if not alive:
            raise DisconnectionError("the connection died while it rested")  # the pool tries another

    event.listen(pool, "checkin", returned)
    event.listen(pool, "checkout", handed_out)


_current: Database | None = None
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Database] = WeakKeyDictionary()


def use_database(database: Database | None) -> None:
    """Make ``database`` the one that :func:`transaction` works on in this process (None: there is none any more).

    Connections belong to an event loop: in a process with several, each has its own.
    """
    global _current
    _current = database
    with suppress(RuntimeError):
        loop = asyncio.get_running_loop()
        if database is None:
            _of_loop.pop(loop, None)
        else:
            _of_loop[loop] = database


def current_database() -> Database:
    """The database of the running event loop or, outside of one, of this process.

    :raises DatabaseUnavailableError: if none was opened (see :func:`opened`).
    """
    found = _current
    with suppress(RuntimeError):
        found = _of_loop.get(asyncio.get_running_loop(), _current)
    if found is None:
        raise DatabaseUnavailableError(
            "This process has not opened the database.", hint="Start Marlin with `marlin up` or `marlin worker`."
        )
    return found


@asynccontextmanager
async def opened(url: str, *, pool_size: int = 10) -> AsyncIterator[Database]:
    """Open the database for this event loop and the block; one that the loop has open already is shared.

    :raises DatabaseUrlError: if ``url`` is no PostgreSQL address.
    """
    loop = asyncio.get_running_loop()
    if loop in _of_loop:
        yield _of_loop[loop]
        return
    before = _current
    database = Database(url, pool_size=pool_size)
    if before is None:
        use_database(database)
    else:
        _of_loop[loop] = database
    try:
        yield database
    finally:
        _of_loop.pop(loop, None)
        if before is None:
            use_database(None)
        await database.close()


@asynccontextmanager
async def transaction() -> AsyncIterator[AsyncSession]:
    """A transaction on this process's database; see :meth:`Database.transaction`."""
    async with current_database().transaction() as session:
        yield session
