"""The event stream of a comparison: resumable from any point, and silent about what may not be seen yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from tests.factories.comparisons import open_campaign, run_turn, started
from tests.factories.people import Town

from marlin.accounts import Person, Role
from marlin.comparisons import lifecycle as life
from marlin.comparisons import views
from marlin.comparisons.queries import get_comparison
from marlin.comparisons.streaming import _stream
from marlin.db import Database, events


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[None]:
    """A web process that listens for events."""
    listening = events.EventHub(database)
    events.use_hub(listening)
    await listening.start()
    yield
    events.use_hub(None)
    await listening.stop()


async def follow(database: Database, comparison_id: UUID, *, after: int, until: str) -> list[dict[str, Any]]:
    """What a browser receives after event ``after``, up to a turn's status ``until``."""
    async with database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None)
        owner = await session.get_one(Person, comparison.owner_id)
        sight = views.Sight.of(comparison, owner)
    received: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        async for chunk in _stream(comparison_id, after, sight):
            fields = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines() if ": " in line)
            if "data" not in fields:
                continue
            event = json.loads(fields["data"])
            assert fields["id"] == str(event["id"])
            received.append(event)
            if event["kind"] == "turn_status" and event["data"]["status"] == until:
                break
    return received


async def say(database: Database, work: life.Assignment, text: str) -> None:
    """An arm says something."""
    async with database.transaction() as session:
        place = {"turn": work.turn_number, "side": work.side, "attempt": work.attempt}
        await events.append(session, work.comparison_id, "message", {"message_id": "m1", "text": text, **place})


async def working_side(database: Database, town: Town, **changes: object) -> life.Assignment:
    """Side A of a comparison's first turn, at work."""
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database, **changes), contributor.person.id)
    async with database.transaction() as session:
        turn = (await get_comparison(session, comparison.id, owner_id=None)).turns[0]
    await life.begin_turn(turn.id, turn.job_id)
    work = await life.begin_attempt(turn.id, "A", turn.job_id)
    assert work is not None
    return work


async def test_together_the_stream_tells_of_turns_only(database: Database, town: Town, hub: None) -> None:
    work = await working_side(database, town)
    following = asyncio.create_task(follow(database, work.comparison_id, after=0, until="ready"))
    await say(database, work, "I am the fast one.")
    await run_turn(database, work.comparison_id)
    received = await following
    assert [event["data"]["status"] for event in received] == ["queued", "running", "checking", "ready"]
    assert await follow(database, work.comparison_id, after=0, until="ready") == received, "nor afterwards"


async def test_live_each_side_is_followed_as_it_goes_and_resumed_without_loss(
    database: Database, town: Town, hub: None
) -> None:
    work = await working_side(database, town, reveal="live")
    for number in range(5):
        await say(database, work, f"step {number}")
    await run_turn(database, work.comparison_id)
    whole = await follow(database, work.comparison_id, after=0, until="ready")
    texts = [event["data"]["text"] for event in whole if event["kind"] == "message"]
    assert texts == [f"step {number}" for number in range(5)]
    for seen in whole[:-1]:
        rest = await follow(database, work.comparison_id, after=seen["id"], until="ready")
        assert rest == [event for event in whole if event["id"] > seen["id"]]
