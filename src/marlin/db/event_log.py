"""The event log's table: appending and reading. See :mod:`marlin.db.events` for what it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.models import Event, EventStream
from marlin.db.types import Json, UtcDateTime, now

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


@dataclass(frozen=True, slots=True)
class Appending:
    """Parts of a statement that append events, one to each of some streams.

    :ivar stored: writes them; nothing need be read from it.
    :ivar told: the number of each event. Select from it: that tells those who follow.
    """

    stored: CTE
    told: CTE


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
    values = {"event_stream": stream, "event_at": now(), "event_kind": kind, "event_data": data}
    number: int = (await session.execute(_APPEND, values)).scalar_one()
    return number


def appending(events: Select[UUID, datetime, str, dict[str, Any]]) -> Appending:
    """:func:`append` as a part of a larger statement, where a round trip more would be felt.

    :param events: stream, time, kind and data of each, of at most one for a stream.
    """
    streams, log = cast("Table", EventStream.__table__), cast("Table", Event.__table__)
    new = events.cte("new_event")
    stream, at, kind, data = new.c
    drawing = upsert(streams).from_select(["id", "last"], select(stream, literal(1, BigInteger())))
    drawn = (
        drawing.on_conflict_do_update(index_elements=["id"], set_={"last": streams.c.last + 1})
        .returning(streams.c.id, streams.c.last)
        .cte("drawn")
    )
    rows = select(drawn.c.id, drawn.c.last, at, kind, data).where(drawn.c.id == stream)
    storing = insert(log).from_select(["stream", "id", "at", "kind", "data"], rows)
    note = func.concat(drawn.c.id, ":", drawn.c.last, ":", drawn.c.last)
    told = select(
        drawn.c.id.label("stream"), drawn.c.last.label("number"), func.pg_notify(CHANNEL, note).label("told")
    ).cte("told")
    return Appending(storing.returning(log.c.id).cte("stored"), told)


def _append() -> Select[int, Any]:
    new = select(
        bindparam("event_stream", type_=UuidType()).label("stream"),
        bindparam("event_at", type_=UtcDateTime()).label("at"),
        bindparam("event_kind", type_=Text()).label("kind"),
        bindparam("event_data", type_=Json()).label("data"),
    )
    parts = appending(new)
    return select(parts.told.c.number, parts.told.c.told).add_cte(parts.stored)


_APPEND = _append()


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


async def read_things(
    session: AsyncSession,
    stream: UUID,
    *,
    names: Mapping[str, str],
    having: Mapping[str, Any],
    without: Collection[str] = (),
    skip: int = 0,
    limit: int = PAGE,
) -> list[list[StoredEvent]]:
    """What ``stream`` tells of, in the order in which it began: the events of each thing, in order.

    Events of one kind tell of one thing when they agree in what ``names`` has for that kind; of other kinds, each tells
    of its own. Kinds that share a name tell of the same thing, and stand beside each other.

    :param having: what the events' data must have. :param without: kinds to leave out.
    :param skip: how many things to leave out at the beginning.
    """
    wanted = _some(stream, having, None, without)
    known = _things(names, wanted).subquery()
    first = func.min(known.c.id)
    begun = func.min(first).over(partition_by=known.c.thing)
    page = (
        select(known.c.kind, known.c.thing, first, func.max(known.c.id))
        .group_by(known.c.kind, known.c.thing)
        .order_by(begun, first)
        .offset(skip)
        .limit(limit)
    )
    things = [tuple(row) for row in await session.execute(page)]
    if not things:
        return []
    found: dict[tuple[str, str], list[StoredEvent]] = {(kind, thing): [] for kind, thing, _, _ in things}
    begin, end = min(thing[2] for thing in things), max(thing[3] for thing in things)
    thing = _thing(names)
    query = select(Event.id, Event.stream, Event.at, Event.kind, Event.data, thing)
    query = query.where(*wanted, Event.id.between(begin, end), thing.in_({key for _, key in found}))
    for *columns, key in await session.execute(query.order_by(Event.id)):
        event = StoredEvent(*columns)
        if (event.kind, key) in found:
            found[event.kind, key].append(event)
    return list(found.values())


async def count_things(
    session: AsyncSession,
    stream: UUID,
    *,
    names: Mapping[str, str],
    having: Mapping[str, Any],
    without: Collection[str] = (),
) -> int:
    """How many things :func:`read_things` would find."""
    known = _things(names, _some(stream, having, None, without)).subquery()
    told = select(known.c.kind, known.c.thing).distinct().subquery()
    return await session.scalar(select(func.count()).select_from(told)) or 0


def _things(names: Mapping[str, str], wanted: Sequence[ColumnElement[bool]]) -> Select[int, str, str]:
    return select(Event.id, Event.kind, _thing(names).label("thing")).where(*wanted)


def _thing(names: Mapping[str, str]) -> ColumnElement[str]:
    told = [(Event.kind == kind, func.concat(name, ":", Event.data[name].astext)) for kind, name in names.items()]
    return case(*told, else_=func.concat("event:", Event.id))


async def copy(
    session: AsyncSession,
    source: UUID,
    target: UUID,
    *,
    wanted: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    without: Collection[str] = (),
) -> int:
    """Copy events of one stream to the end of another, in order and with their times, within the database.

    :param wanted: what the data of an event must have, and what its copy has instead; the first that fits counts.
    :param without: kinds to leave out.
    :returns: how many.
    """
    fitting = [Event.data.contains(dict(having)) for having, _ in wanted]
    query = (
        select(
            func.row_number().over(order_by=Event.id),
            literal(target, Event.stream.type),
            Event.at,
            Event.kind,
            Event.data.concat(
                case(
                    *(
                        (fits, literal(dict(changed), Event.data.type))
                        for fits, (_, changed) in zip(fitting, wanted, strict=True)
                    )
                )
            ),
        )
        .where(Event.stream == source, or_(*fitting), Event.kind.not_in(without))
        .order_by(Event.id)
    )
    count = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if count == 0:
        return 0
    last = await _draw_numbers(session, target, count)
    numbered = query.with_only_columns(
        query.selected_columns[0] + literal(last - count), *list(query.selected_columns)[1:]
    )
    await session.execute(insert(Event).from_select(["id", "stream", "at", "kind", "data"], numbered))
    await _notify(session, [f"{target}:{last - count + 1}:{last}"])
    return count


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
        last = await _draw_numbers(session, stream, counts[stream])
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
    await _notify(session, notes)
    return numbers


async def _draw_numbers(session: AsyncSession, stream: UUID, count: int) -> int:
    """The next ``count`` numbers of a stream: the last of them. Other writers wait until the transaction ends."""
    last: int = (
        await session.execute(
            text(
                "INSERT INTO event_stream (id, last) VALUES (:id, :count) "
                "ON CONFLICT (id) DO UPDATE SET last = event_stream.last + :count RETURNING last"
            ),
            {"id": stream, "count": count},
        )
    ).scalar_one()
    return last


async def _notify(session: AsyncSession, notes: list[str]) -> None:
    await session.execute(
        text("SELECT pg_notify(:channel, note) FROM unnest(CAST(:notes AS text[])) AS note"),
        {"channel": CHANNEL, "notes": notes},
    )
