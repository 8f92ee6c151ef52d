"""The event log: order, replay, following, and what happens when the database goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db import Database, LostExecutorError, events, new_id
from marlin.db.events import EventHub, EventWriter, StoredEvent


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[EventHub]:
    listening = EventHub(database, sweep=60)
    await listening.start()
    yield listening
    await listening.stop()


async def collect(following: AsyncIterator[StoredEvent], count: int, within: float = 20) -> list[StoredEvent]:
    found: list[StoredEvent] = []
    async with asyncio.timeout(within):
        while len(found) < count:
            found.append(await anext(following))
    return found


async def cut_connections(database: Database) -> None:
    apart = Database(database.url.render_as_string(hide_password=False))  # that pool may hold one that was just cut
    async with apart.transaction() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await apart.close()


async def test_a_writer_batches_and_a_reader_pages(database: Database) -> None:
    stream = new_id()
    async with EventWriter(database) as writer:
        for number in range(1, 1201):
            writer.add(stream, "message", {"n": number})
        await writer.flush()
        async with database.transaction() as session:
            first = await events.read(session, stream, limit=700)
            rest = await events.read(session, stream, after=first[-1].id, limit=700)
            assert await events.last_id(session, stream) == 1200
    assert [event.data["n"] for event in first + rest] == list(range(1, 1201))
    assert [event.id for event in first + rest] == list(range(1, 1201))


async def test_an_event_of_a_transaction_that_fails_leaves_no_gap(database: Database) -> None:
    stream = new_id()

    async def fail() -> None:
        async with database.transaction() as session:
            await events.append(session, stream, "lost", {})
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.transaction() as session:
        assert await events.append(session, stream, "kept", {}) == 1


async def test_text_that_is_not_text_survives(database: Database, hub: EventHub) -> None:
    stream = new_id()
    following = hub.subscribe(stream)
    async with EventWriter(database) as writer:
        writer.add(stream, "output", {"text": "\x00binary\udc80", "n": float("inf")})
    (event,) = await collect(following, 1)
    assert event.data == {"text": "\ufffdbinary\ufffd", "n": "inf"}


@pytest.mark.parametrize("late", [False, True])
async def test_followers_get_every_event_once_and_in_order_from_concurrent_writers(
    database: Database, hub: EventHub, late: bool
) -> None:
    streams = [new_id() for _ in range(3)]
    writers = [EventWriter(database, interval=0.005 * (index + 1)) for index in range(4)]

    async def write(writer: EventWriter, name: int) -> None:
        for number in range(100):
            for stream in streams:
                writer.add(stream, "n", {"writer": name, "n": number})
            await asyncio.sleep(0.001 * (name % 2))
        await writer.close()

    writing = asyncio.gather(*(write(writer, name) for name, writer in enumerate(writers)))
    if late:
        await asyncio.sleep(0.05)
    found = await asyncio.gather(*(collect(hub.subscribe(stream), 400) for stream in streams))
    await writing
    for got in found:
        assert [event.id for event in got] == list(range(1, 401))
        for name in range(4):
            assert [event.data["n"] for event in got if event.data["writer"] == name] == list(range(100))


async def test_following_resumes_after_the_last_event_seen(database: Database, hub: EventHub) -> None:
    stream = new_id()
    async with EventWriter(database) as writer:
        for number in range(1, 21):
            writer.add(stream, "n", {"n": number})
        await writer.flush()
        following = hub.subscribe(stream, after=15)
        assert [event.id for event in await collect(following, 5)] == [16, 17, 18, 19, 20]
        writer.add(stream, "n", {"n": 21})
        assert [event.id for event in await collect(following, 1)] == [21]


async def test_a_slow_follower_misses_nothing(database: Database, hub: EventHub) -> None:
    stream = new_id()
    following = hub.subscribe(stream)
    async with EventWriter(database, interval=0.001) as writer:
        writer.add(stream, "n", {})
        assert len(await collect(following, 1)) == 1
        for _ in range(30):
            for _ in range(50):
                writer.add(stream, "n", {})
            await writer.flush()
    assert [event.id for event in await collect(following, 1500)] == list(range(2, 1502))


async def test_followers_and_writers_survive_cut_connections(database: Database, hub: EventHub) -> None:
    stream = new_id()
    following = hub.subscribe(stream)
    collecting = asyncio.create_task(collect(following, 300))
    async with EventWriter(database, interval=0.005) as writer:
        for number in range(1, 301):
            writer.add(stream, "n", {"n": number})
            await asyncio.sleep(0.002)
            if number % 100 == 50:
                await cut_connections(database)
        found = await collecting
    assert [event.data["n"] for event in found] == list(range(1, 301))
    assert [event.id for event in found] == list(range(1, 301))


async def test_a_lost_notification_is_made_up_for_by_the_sweep(database: Database) -> None:
    stream = new_id()
    hub = EventHub(database, sweep=0.1)
    await hub.start()
    following = hub.subscribe(stream)
    waiting = asyncio.create_task(collect(following, 1))
    await asyncio.sleep(0.2)
    async with database.transaction() as session:  # written past the writer, without a notification
        await session.execute(text("INSERT INTO event_stream (id, last) VALUES (:id, 1)"), {"id": stream})
        await session.execute(
            text("INSERT INTO event (stream, id, at, kind, data) VALUES (:id, 1, now(), 'quiet', '{}')"), {"id": stream}
        )
    assert [event.kind for event in await waiting] == ["quiet"]
    await hub.stop()


async def test_a_writer_of_a_worker_that_was_declared_dead_writes_nothing(database: Database) -> None:
    stream = new_id()

    async def fenced(session: AsyncSession) -> None:
        raise LostExecutorError("declared dead")

    writer = EventWriter(database, fence=fenced)
    writer.add(stream, "stale", {})
    with pytest.raises(LostExecutorError):
        await writer.flush()
    with pytest.raises(LostExecutorError):
        writer.add(stream, "stale", {})
    await writer.close()
    async with database.transaction() as session:
        assert await events.read(session, stream) == []


async def test_a_commit_whose_answer_was_lost_is_not_written_twice(database: Database) -> None:
    """The connection breaks after the server committed: the writer finds its events there and goes on."""
    stream = new_id()
    flaky = CommitsThenBreaks(str(database.url.render_as_string(hide_password=False)))
    async with EventWriter(flaky) as writer:
        writer.add(stream, "once", {})
        writer.add(stream, "once", {})
    async with database.transaction() as session:
        assert [event.id for event in await events.read(session, stream)] == [1, 2]
    assert flaky.broken == 1
    await flaky.close()


class CommitsThenBreaks(Database):
    """A database whose first commit succeeds, with its answer lost on the way."""

    broken = 0

    def transaction(self) -> Any:
        import contextlib

        from marlin.db import DatabaseUnavailableError

        @contextlib.asynccontextmanager
        async def breaking() -> AsyncIterator[AsyncSession]:
            async with Database.transaction(self) as session:
                yield session
            if not self.broken:
                self.broken += 1
                raise DatabaseUnavailableError("the connection broke")

        return breaking()
