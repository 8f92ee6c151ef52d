"""The event log's table: appending and reading. See :mod:`marlin.db.events` for what it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.models import Event
from marlin.db.types import now

CHANNEL = "marlin_events"
PAGE = 500


@dataclass(frozen=True)
class StoredEvent:
    """An event as it is in the log. ``id`` counts 1, 2, 3 … within ``stream``."""

    id: int
    stream: UUID
    at: datetime
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class NewEvent:
    """An event that is not in the log yet."""

    stream: UUID
    at: datetime
    kind: str
    data: dict[str, Any]


async def append(session: AsyncSession, stream: UUID, kind: str, data: dict[str, Any]) -> int:
    """Append one event within the session's transaction: it is seen if and when that commits.

    Other writers of the stream wait until then, so call it near the end; with several streams, in the order of their
    ids. For many events use :class:`EventWriter`.

    :returns: the event's number.
    """
    (number,) = await insert_events(session, [NewEvent(stream, now(), kind, data)])
    return number


async def read(session: AsyncSession, stream: UUID, *, after: int = 0, limit: int = PAGE) -> list[StoredEvent]:
    """The events of ``stream`` that follow number ``after``, at most ``limit`` of them, in order."""
    rows = await session.execute(
        select(Event.id, Event.stream, Event.at, Event.kind, Event.data)
        .where(Event.stream == stream, Event.id > after)
        .order_by(Event.id)
        .limit(limit)
    )
    return [StoredEvent(*row) for row in rows]


async def read_some(
    session: AsyncSession,
    stream: UUID,
    *,
    having: Mapping[str, Any] | None = None,
    lacking: str | None = None,
    without: Collection[str] = (),
    skip: int = 0,
    limit: int = PAGE,
) -> list[StoredEvent]:
    """Some events of ``stream``, in order.

    :param having: what their data must have. :param lacking: a name that it must not have.
    :param without: kinds to leave out. :param skip: how many of them to leave out at the beginning.
    """
    query = select(Event.id, Event.stream, Event.at, Event.kind, Event.data)
    query = query.where(*_some(stream, having, lacking, without)).order_by(Event.id).offset(skip).limit(limit)
    return [StoredEvent(*row) for row in await session.execute(query)]


async def count_some(
    session: AsyncSession,
    stream: UUID,
    *,
    having: Mapping[str, Any] | None = None,
    lacking: str | None = None,
    without: Collection[str] = (),
) -> int:
    """How many events :func:`read_some` would find."""
    query = select(func.count()).select_from(Event).where(*_some(stream, having, lacking, without))
    return await session.scalar(query) or 0


def _some(
    stream: UUID, having: Mapping[str, Any] | None, lacking: str | None, without: Collection[str]
) -> list[ColumnElement[bool]]:
    wanted = [Event.stream == stream]
    if having is not None:
        wanted.append(Event.data.contains(dict(having)))
    if lacking is not None:
        wanted.append(~func.jsonb_exists(Event.data, lacking))
    if without:
        wanted.append(Event.kind.not_in(without))
    return wanted


async def count_items(
    session: AsyncSession, stream: UUID, *, having: Mapping[str, Any], kinds: Mapping[str, str]
) -> int:
    """How many things a stream tells of, when several events can tell of one.

    :param having: what the events' data must have.
    :param kinds: the kinds that count, each with the name in its data that the events of one thing have in common.
    """
    total = 0
    for kind, name in kinds.items():
        query = select(func.count(Event.data[name].astext.distinct()))
        query = query.where(Event.stream == stream, Event.kind == kind, Event.data.contains(dict(having)))
        total += (await session.execute(query)).scalar_one()
    return total


async def last_id(session: AsyncSession, stream: UUID) -> int:
    """The number of the stream's last event, 0 if it has none."""
    found = await session.scalar(text("SELECT last FROM event_stream WHERE id = :id"), {"id": stream})
    return found or 0


async def insert_events(session: AsyncSession, events: Sequence[NewEvent]) -> list[int]:
    """Insert events, whose order within a stream is kept, and notify. Gives the number of each."""
    counts: dict[UUID, int] = {}
    for event in events:
        counts[event.stream] = counts.get(event.stream, 0) + 1
    following: dict[UUID, int] = {}
    notes = []
    for stream in sorted(counts):  # in one order everywhere, so that writers can't deadlock
        last = await session.scalar(
            text(
                "INSERT INTO event_stream (id, last) VALUES (:id, :count) "
                "ON CONFLICT (id) DO UPDATE SET last = event_stream.last + :count RETURNING last"
            ),
            {"id": stream, "count": counts[stream]},
        )
        following[stream] = last - counts[stream] + 1
        notes.append(f"{stream}:{following[stream]}:{last}")
    rows, numbers = [], []
    for event in events:
        numbers.append(following[event.stream])
        rows.append(
            {
                "id": following[event.stream],
                "stream": event.stream,
                "at": event.at,
                "kind": event.kind,
                "data": event.data,
            }
        )
        following[event.stream] += 1
    await session.execute(insert(Event), rows)
    await session.execute(
        text("SELECT pg_notify(:channel, note) FROM unnest(CAST(:notes AS text[])) AS note"),
        {"channel": CHANNEL, "notes": notes},
    )
    return numbers
