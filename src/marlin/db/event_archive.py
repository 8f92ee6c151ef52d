"""What the event log knows of streams whose events were moved elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.event_log import StoredEvent
from marlin.db.models import Event, EventStream

_BATCH = 1000


async def archived(session: AsyncSession, stream: UUID, *, lock: bool = False) -> str | None:
    """Where the stream's events were moved to; None when they are in the log.

    :param lock: keep writers, and whoever else moves it, away until the transaction ends.
    """
    query = select(EventStream.archived).where(EventStream.id == stream)
    return await session.scalar(query.with_for_update() if lock else query)


async def set_archived(session: AsyncSession, stream: UUID, key: str, *, through: int) -> None:
    """Note where the events up to number ``through`` are, and delete them here. Numbers go on after them."""
    await session.execute(update(EventStream).where(EventStream.id == stream).values(archived=key))
    await session.execute(delete(Event).where(Event.stream == stream, Event.id <= through))


async def restore(session: AsyncSession, stream: UUID, events: Sequence[StoredEvent]) -> None:
    """Put moved events back, as they were. Nobody is notified: they are old."""
    rows = [
        {"id": event.id, "stream": stream, "at": event.at, "kind": event.kind, "data": event.data} for event in events
    ]
    for begin in range(0, len(rows), _BATCH):
        await session.execute(insert(Event), rows[begin : begin + _BATCH])
    await session.execute(update(EventStream).where(EventStream.id == stream).values(archived=None))
