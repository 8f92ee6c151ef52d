"""Moving the logs of finished comparisons into durable storage, and back when somebody asks.

The log is what transcripts are read from, and nothing else holds it in that form: so it is never deleted before it was
written, read back and found whole. A log that is asked for is put back as it was; the next run archives it again.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import zstandard
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import logging, tasks
from marlin.comparisons.models import Comparison
from marlin.db import events, now, transaction
from marlin.errors import UnavailableError
from marlin.tasks import Code

log = logging.get(__name__)

FINISHED = ("accepted", "rejected", "cancelled")
"""Comparisons whose log is seldom asked for. One that was returned is worked on again."""

_PAGE = 5000


class ArchiveIncompleteError(UnavailableError):
    """What was read back from the archive is not what was written. Nothing was deleted."""

    code = "archive-incomplete"


async def archive_finished(code: Code, *, closed_for: timedelta) -> tuple[int, int]:
    """Archive the logs of comparisons that have been finished for so long; how many comparisons, and events.

    Each in a transaction of its own: what is done stays done.

    :raises ArchiveIncompleteError: an archive could not be read back.
    :raises StorageFullError: no room for one.
    """
    async with transaction() as session:
        query = select(Comparison.id).where(Comparison.status.in_(FINISHED), Comparison.updated_at < now() - closed_for)
        candidates = list(await session.scalars(query.order_by(Comparison.updated_at)))
    comparisons = moved = 0
    for comparison_id in candidates:
        if count := await _archive(code, comparison_id):
            comparisons, moved = comparisons + 1, moved + count
    return comparisons, moved


async def thaw(session: AsyncSession, comparison_id: UUID) -> None:
    """Put a comparison's log back if it was archived; call before reading it.

    :raises ArchiveMissingError: durable storage has lost it.
    """
    if await events.archived(session, comparison_id) is None:
        return
    key = await events.archived(session, comparison_id, lock=True)
    if key is None:
        return  # somebody else has just put it back
    code = await tasks.current_code()
    stored = await asyncio.to_thread(_fetch, code, key, comparison_id)
    await events.restore(session, comparison_id, stored)
    log.info("a log was put back from its archive", comparison=str(comparison_id), events=len(stored))


async def _archive(code: Code, comparison_id: UUID) -> int:
    with tempfile.TemporaryDirectory(prefix="marlin-events-") as folder:
        path = Path(folder) / "events.jsonl.zst"
        async with transaction() as session:
            if await events.archived(session, comparison_id, lock=True) is not None:
                return 0
            count, last = 0, 0
            with path.open("wb") as raw, zstandard.ZstdCompressor(level=9).stream_writer(raw) as writer:
                while page := await events.read(session, comparison_id, after=last, limit=_PAGE):
                    for event in page:
                        writer.write(_line(event))
                    count, last = count + len(page), page[-1].id
            if count == 0:
                return 0
            key = await asyncio.to_thread(_put, code, path)
            found = await asyncio.to_thread(_fetch, code, key, comparison_id)
            if [event.id for event in found] != list(range(found[0].id, last + 1)) or len(found) != count:
                raise ArchiveIncompleteError(
                    f"The archive of comparison {comparison_id} could not be read back whole; its log stays as it was.",
                    hint="Look at the durable storage (MARLIN_STORAGE_URL), then try again.",
                )
            await events.set_archived(session, comparison_id, key, through=last)
    return count


def _line(event: events.StoredEvent) -> bytes:
    entry = {"id": event.id, "at": event.at.isoformat(), "kind": event.kind, "data": event.data}
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def _put(code: Code, path: Path) -> str:
    with path.open("rb") as file:
        return code.durable.put(file)


def _fetch(code: Code, key: str, stream: UUID) -> list[events.StoredEvent]:
    return list(_entries(code, key, stream))


def _entries(code: Code, key: str, stream: UUID) -> Iterator[events.StoredEvent]:
    with code.durable.open(key) as raw:
        data = raw.read()  # compressed, and checked against its key
    for line in zstandard.ZstdDecompressor().stream_reader(data).readall().splitlines():
        entry = json.loads(line)
        yield events.StoredEvent(entry["id"], stream, datetime.fromisoformat(entry["at"]), entry["kind"], entry["data"])
