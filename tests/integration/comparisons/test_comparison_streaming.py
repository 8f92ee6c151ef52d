"""The event stream of a comparison: resumable from any point, and silent about what may not be seen yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse
from tests.factories.comparisons import open_campaign, run_turn, started
from tests.factories.people import Town

from marlin.accounts import Person, Role
from marlin.comparisons import lifecycle as life
from marlin.comparisons import views
from marlin.comparisons.following import STREAMS_PER_PERSON, Seat, _followed
from marlin.comparisons.queries import get_comparison, usual_turn_seconds
from marlin.comparisons.streaming import _stream
from marlin.db import Database, events
from marlin.http.streams import ended

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'event_stream'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


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


async def say(database: Database, work: life.Assignment, words: str) -> None:
    """An arm says something."""
    async with database.transaction() as session:
        place = {"turn": work.turn_number, "side": work.side, "attempt": work.attempt}
        await events.append(session, work.comparison_id, "message", {"message_id": "m1", "text": words, **place})


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


async def test_whoever_leaves_while_the_log_is_read_costs_no_connection(
    database: Database, town: Town, hub: None, caplog: pytest.LogCaptureFixture
) -> None:
    work = await working_side(database, town)
    async with database.transaction() as session:
        comparison = await get_comparison(session, work.comparison_id, owner_id=None)
        sight = views.Sight.of(comparison, await session.get_one(Person, comparison.owner_id))
        before = await connections(session)
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        """Nobody reads it."""

    async with database.transaction() as other:
        await other.execute(text("LOCK TABLE event_stream IN ACCESS EXCLUSIVE MODE"))
        answer = StreamingResponse(_stream(work.comparison_id, 0, sight))
        answering = asyncio.create_task(answer({"type": "http"}, receive, send))
        async with asyncio.timeout(60):
            while not await other.scalar(text(WAITING)):
                await asyncio.sleep(0.01)
            left.set()
            await answering
            while await other.scalar(text(WAITING)):
                await asyncio.sleep(0.01)
    await ended()
    assert [record.getMessage() for record in caplog.records if record.name == "psycopg"] == []
    async with database.transaction() as session:
        assert before <= await connections(session)


async def connections(session: AsyncSession) -> set[int]:
    """The server processes that answer Marlin."""
    found = await session.scalars(text("SELECT pid FROM pg_stat_activity WHERE application_name = 'marlin'"))
    return set(found)


async def test_a_transcript_is_read_from_its_end_and_page_by_page(database: Database, town: Town) -> None:
    work = await working_side(database, town, reveal="live")
    for number in range(7):
        await say(database, work, f"piece {number};")
        other = {"turn": 1, "side": "B", "attempt": 1}
        async with database.transaction() as session:
            await events.append(session, work.comparison_id, "message", {"message_id": "m", "text": "B", **other})
    async with database.transaction() as session:
        comparison = await get_comparison(session, work.comparison_id, owner_id=None)
    operator = await town.enter(Role.OPERATOR)
    assert comparison.owner_id != operator.person.id
    path = f"/comparisons/{work.comparison_id}/turns/1/transcript?side=A"

    async def page(rest: str) -> tuple[list[str], int]:
        body = (await operator.get(f"{path}&{rest}")).json()
        assert {event["side"] for event in body["events"]} <= {"A"}
        return [event["data"]["text"] for event in body["events"]], body["last_id"]

    texts = [f"piece {number};" for number in range(7)]
    assert await page("limit=100") == (texts, 7)
    assert await page(f"limit=2&before={2**53 - 1}") == (texts[-2:], 7)
    assert await page("limit=2&before=6") == (texts[3:5], 5)
    assert await page("limit=100&before=3&after=1") == (texts[1:2], 2)
    assert await page("limit=4&before=1") == ([], 0)
    assert await page("limit=4") == (texts[:4], 4)
    assert await page("limit=4&after=4") == (texts[4:], 7)
    async with database.transaction() as session:
        end = await events.last_id(session, work.comparison_id)
    log = (await operator.get(f"/comparisons/{work.comparison_id}/events?limit=3&before={2**53 - 1}")).json()
    assert [event["id"] for event in log["events"]] == [end - 2, end - 1, end], "the stream goes on where the log ends"
    assert log["last_id"] == end


async def test_how_long_a_turn_takes_is_told_once_it_is_known(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    for _ in range(5):
        done = await started(database, campaign, contributor.person.id)
        await run_turn(database, done.id)
    waiting = await started(database, campaign, contributor.person.id)
    body = (await contributor.get(f"/comparisons/{waiting.id}")).json()
    assert body["campaign"]["time_limit_seconds"] == 300
    assert body["campaign"]["usual_turn_seconds"] >= 0
    async with database.transaction() as session:
        assert await usual_turn_seconds(session, campaign.id, least=6) is None
        assert await usual_turn_seconds(session, uuid4()) is None


async def test_one_person_follows_so_many_at_a_time_and_others_are_served(database: Database, town: Town) -> None:
    taken = Seat()
    nobody = uuid4()
    work = await working_side(database, town)
    operator, other = await town.enter(Role.OPERATOR), await town.enter(Role.OPERATOR)
    path = f"/comparisons/{work.comparison_id}/events/stream"
    taken.take(nobody)
    taken.leave()
    assert nobody not in _followed, "nothing is kept of who has left"
    places = [Seat() for _ in range(STREAMS_PER_PERSON)]
    for place in places:
        place.take(operator.person.id)
    refused = await operator.get(path)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-streams")
    assert refused.headers["Retry-After"] == "5"
    assert _followed[operator.person.id] == STREAMS_PER_PERSON, "who was refused takes no place"
    missing = await other.get(f"/comparisons/{uuid4()}/events/stream")
    assert missing.status_code == 404
    assert other.person.id not in _followed, "nor who asked for nothing"
    for place in places:
        place.leave()
    assert not _followed
