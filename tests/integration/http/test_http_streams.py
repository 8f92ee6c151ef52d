"""Answers that are streamed from the database: whole for who reads, and without a trace of who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import text
from starlette.responses import StreamingResponse

from marlin.db import Database
from marlin.http.streams import apart, ended

ASLEEP = (
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(%' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


async def slow(database: Database) -> AsyncGenerator[str]:
    async with database.transaction() as session:
        yield "first,"
        await session.execute(text("SELECT pg_sleep(600)"))
        yield "never"


async def test_a_reader_who_leaves_during_a_query_costs_no_connection(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    left, sent = asyncio.Event(), []

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body"))

    async def asleep() -> int:
        async with database.transaction() as session:
            return int(await session.scalar(text(ASLEEP)) or 0)

    answering = asyncio.create_task(StreamingResponse(apart(slow(database)))({"type": "http"}, receive, send))
    async with asyncio.timeout(60):
        while not await asleep():
            await asyncio.sleep(0.01)
        left.set()
        await answering
        await ended()
        assert not await asleep()
    assert sent == [None, b"first,"]
    assert [record.getMessage() for record in caplog.records if record.name == "psycopg"] == []


async def test_who_reads_to_the_end_gets_all_of_it_and_what_went_wrong() -> None:
    async def three(problem: bool) -> AsyncGenerator[int]:
        for number in range(3):
            yield number
        if problem:
            raise ValueError("the last one")

    assert [number async for number in apart(three(problem=False))] == [0, 1, 2]
    with pytest.raises(ValueError, match="the last one"):
        assert [number async for number in apart(three(problem=True))]
