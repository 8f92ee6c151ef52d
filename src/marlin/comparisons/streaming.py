"""HTTP: the event log of a comparison, in pages and live by server-sent events (HTML Living Standard, section 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import StreamingResponse

from marlin.accounts import Person
from marlin.accounts.guards import current_person
from marlin.comparisons import archive, queries, views
from marlin.comparisons.blinding import Side
from marlin.comparisons.errors import TurnRunningError
from marlin.comparisons.following import Seat, seat
from marlin.comparisons.schemas import EventOut, EventsOut
from marlin.http import streams
from marlin.http.sessions import Session

router = APIRouter(prefix="/comparisons", tags=["events"])

Anyone = Annotated[Person, Depends(current_person)]

HEARTBEAT_SECONDS = 15.0
"""A comment this often keeps proxies from closing a quiet stream."""

LARGEST = 2**63 - 1
"""Number of an event that the database can be asked for."""

LONGEST_SECONDS = 900.0
"""Then the stream ends and the browser resumes it: so a sign-out or a lost role takes effect."""


@router.get("/{comparison_id}/events")
async def list_events(
    comparison_id: UUID,
    session: Session,
    person: Anyone,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> EventsOut:
    """A page of the log. ``last_id`` is where the next page begins. With ``before``, the last events ahead of that one.

    In reveal-together campaigns it tells of turns only; what a side did is in its transcript.
    """
    comparison = await queries.visible_comparison(session, comparison_id, person)
    await archive.thaw(session, comparison_id)
    return await views.Sight.of(comparison, person).log(session, comparison_id, after=after, before=before, limit=limit)


@router.get("/{comparison_id}/turns/{number}/transcript")
async def transcript(
    comparison_id: UUID,
    number: int,
    session: Session,
    person: Anyone,
    side: Side,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> EventsOut:
    """What one side did in one turn, in its last attempt; events are numbered by their place in it.

    In reveal-together campaigns each message, thought and call is whole: in what pieces it came tells the arms apart.
    With ``before``, the last ones ahead of that place, so that a long transcript can be shown from its end.
    """
    comparison = await queries.visible_comparison(session, comparison_id, person)
    await archive.thaw(session, comparison_id)
    turn = queries.turn_of(comparison, number)
    if not queries.revealed(comparison, turn):
        raise TurnRunningError("The turn is still running.", hint="Wait until both sides have stopped.")
    mine = {"turn": number, "side": side, "attempt": queries.by_side(turn)[side].attempt}
    sight = views.Sight.of(comparison, person)
    return await sight.transcript(session, comparison_id, mine, after=after, before=before, limit=limit)


@router.get("/{comparison_id}/events/stream", response_class=StreamingResponse)
async def stream_events(
    comparison_id: UUID,
    place: Annotated[Seat, Depends(seat)],  # before the database is asked for anything
    session: Session,
    person: Anyone,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST)] = None,
) -> StreamingResponse:
    """The log as it grows. Resumes after ``Last-Event-ID``, which browsers send by themselves.

    429 for a person who follows very many at a time.
    """
    place.take(person.id)
    comparison = await queries.visible_comparison(session, comparison_id, person)
    await archive.thaw(session, comparison_id)
    start = last_event_id if last_event_id is not None else after
    return StreamingResponse(
        _stream(comparison_id, start, views.Sight.of(comparison, person)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(comparison_id: UUID, after: int, sight: views.Sight) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    ends = asyncio.get_running_loop().time() + LONGEST_SECONDS
    source = sight.follow(comparison_id, after=after)
    pending: asyncio.Future[EventOut | None] | None = None
    try:
        while asyncio.get_running_loop().time() < ends:
            pending = pending or asyncio.ensure_future(anext(source, None))
            done, _ = await asyncio.wait({pending}, timeout=HEARTBEAT_SECONDS)
            if not done:
                yield b": still here\n\n"
                continue
            event, pending = pending.result(), None
            if event is None:
                return
            yield f"id: {event.id}\ndata: {event.model_dump_json()}\n\n".encode()
    finally:
        await streams.end(pending, source)
