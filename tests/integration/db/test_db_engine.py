"""Transactions, types and errors of the database layer, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import (
    Base,
    Database,
    DatabaseUnavailableError,
    DatabaseUrlError,
    current_database,
    new_id,
    now,
    opened,
    transaction,
)


class Sample(Base):
    """A table for these tests only."""

    __tablename__ = "test_db_engine_sample"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=now)
    name: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


async def test_a_transaction_is_committed_at_its_end_and_rolled_back_on_an_error(database: Database) -> None:
    async with transaction() as session:
        session.add(Sample(name="kept"))

    async def fail() -> None:
        async with transaction() as session:
            session.add(Sample(name="lost"))
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with transaction() as session:
        assert (await session.scalars(select(Sample.name))).all() == ["kept"]


async def test_each_test_gets_an_empty_database(database: Database) -> None:
    async with transaction() as session:
        assert (await session.scalars(select(Sample.name))).all() == []


async def test_text_and_json_that_postgresql_refuses_are_stored_readably(database: Database) -> None:
    nasty = "a\x00b\ud800c"
    async with transaction() as session:
        session.add(Sample(name=nasty, data={nasty: [nasty, float("nan"), 10**30, {"deep": nasty}]}))
    async with transaction() as session:
        sample = (await session.scalars(select(Sample))).one()
    clean = "a\ufffdb\ufffdc"
    assert sample.name == clean
    assert sample.data == {clean: [clean, "nan", 10**30, {"deep": clean}]}


async def test_times_are_utc_and_times_without_a_zone_are_refused(database: Database) -> None:
    async with transaction() as session:
        session.add(Sample(name="x"))
    async with transaction() as session:
        sample = (await session.scalars(select(Sample))).one()
        assert sample.at.utcoffset() is not None
        assert sample.at.tzname() == "UTC"

    async def naive() -> None:
        async with transaction() as session:
            session.add(Sample(name="y", at=now().replace(tzinfo=None)))

    with pytest.raises(StatementError, match="without a zone"):
        await naive()


async def test_a_connection_that_was_cut_is_reported_as_unavailable_and_the_next_transaction_works(
    database: Database,
) -> None:
    async def cut() -> None:
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailableError) as caught:
        await cut()
    assert caught.value.hint
    await database.ping()


async def test_no_server_is_reported_as_unavailable() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(DatabaseUnavailableError, match="not available"):
        await nowhere.ping()
    await nowhere.close()


@pytest.mark.parametrize("url", ["sqlite:///x", "mysql://a/b", "nonsense", "postgresql://host"])
def test_other_databases_are_refused_with_a_hint(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        Database(url)
    assert "postgresql://" in (caught.value.hint or "")


async def test_each_event_loop_of_a_process_has_connections_of_its_own(database: Database, database_url: str) -> None:
    def elsewhere() -> tuple[bool, bool]:
        async def work() -> tuple[bool, bool]:
            async with opened(database_url) as first, opened(database_url) as second, transaction() as session:
                session.add(Sample(name="from another loop"))
                return first is second, current_database() is first

        return asyncio.run(work())

    assert await asyncio.to_thread(elsewhere) == (True, True)
    assert current_database() is database
    async with transaction() as session:
        assert (await session.scalars(select(Sample.name))).all() == ["from another loop"]


async def test_a_database_that_hangs_is_given_up_and_taken_again(database: Database) -> None:
    impatient = Database(database.url.render_as_string(hide_password=False), pool_size=1, silence=1)
    hanging: list[int] = []

    async def ask(*, hang: bool) -> int:
        async with impatient.transaction() as session:
            process = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            if hang:
                hanging.append(process)
                os.kill(process, signal.SIGSTOP)
            return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    try:
        with pytest.raises(DatabaseUnavailableError, match="timed out") as caught:
            await ask(hang=True)
        assert "does not answer" in (caught.value.hint or "")
        assert await ask(hang=False) not in hanging
    finally:
        for process in hanging:
            os.kill(process, signal.SIGCONT)
        await impatient.close()
