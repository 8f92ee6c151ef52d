"""Writing many events: in batches, surviving an absent database, never twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.engine import Database
from marlin.db.errors import DatabaseUnavailableError
from marlin.db.event_log import PAGE, NewEvent, insert_events
from marlin.db.models import Event
from marlin.db.types import now
from marlin.logging import get

_log = get(__name__)


class EventWriter:
    """Collects events and inserts them in batches.

    While the database is away it keeps them and tries again; nothing is written twice, even if the connection broke
    during a commit. Close it, or at least :meth:`flush` before a step ends, so that what a step reports is in the log.

    :param interval: seconds between two inserts.
    :param fence: called in each insert's transaction, e.g. ``jobs.fence``; what it raises ends the writer.
    :param most: events that are kept while the database is away.
    """

    def __init__(
        self,
        database: Database,
        *,
        interval: float = 0.1,
        fence: Callable[[AsyncSession], Awaitable[None]] | None = None,
        most: int = 100_000,
    ) -> None:
        self._database = database
        self._interval = interval
        self._fence = fence
        self._most = most
        self._pending: deque[NewEvent] = deque()
        self._added = self._written = 0
        self._progress = asyncio.Condition()
        self._due = asyncio.Event()
        self._hurry = asyncio.Event()
        self._failure: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    def add(self, stream: UUID, kind: str, data: dict[str, Any], *, at: datetime | None = None) -> None:
        """Append an event soon. Does not wait.

        :raises DatabaseUnavailableError: if the database has been away so long that too many events wait.
        """
        self._raise_failure()
        if len(self._pending) >= self._most:
            raise DatabaseUnavailableError("Too many events wait for the database.", hint="Bring it back, then retry.")
        self._pending.append(NewEvent(stream, at or now(), kind, data))
        self._added += 1
        self._due.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="marlin-event-writer")

    async def flush(self, *, patience: float = 60.0) -> None:
        """Wait until everything added so far is in the database.

        :param patience: seconds to wait for a database that is away.
        :raises DatabaseUnavailableError: if it stays away for longer; the events are still kept.
        """
        target = self._added
        self._hurry.set()
        try:
            async with asyncio.timeout(patience), self._progress:
                await self._progress.wait_for(lambda: self._written >= target or self._failure is not None)
        except TimeoutError:
            raise DatabaseUnavailableError(
                f"The database has been away for {patience:.0f} s.", hint="Bring it back, then retry."
            ) from None
        self._raise_failure()

    async def close(self, *, patience: float = 60.0) -> None:
        """Flush and stop."""
        try:
            if self._failure is None:
                await self.flush(patience=patience)
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    async def __aenter__(self) -> EventWriter:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _run(self) -> None:
        try:
            while True:
                await self._due.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._interval):  # Python 3.11's wait_for can swallow a cancellation
                        await self._hurry.wait()
                self._hurry.clear()
                self._due.clear()
                while self._pending:
                    batch = [self._pending[index] for index in range(min(len(self._pending), 2 * PAGE))]
                    await self._write(batch)
                    for _ in batch:
                        self._pending.popleft()
                    async with self._progress:
                        self._written += len(batch)
                        self._progress.notify_all()
        except Exception as error:  # handed to whoever adds or flushes next
            async with self._progress:
                self._failure = error
                self._progress.notify_all()

    async def _write(self, batch: Sequence[NewEvent]) -> None:
        pause, numbers = 0.1, list[int]()
        while True:
            try:
                async with self._database.transaction() as session:
                    if self._fence is not None:
                        await self._fence(session)
                    if numbers and await _is_there(session, batch[0], numbers[0]):
                        return  # the commit had succeeded although its connection broke
                    numbers = await insert_events(session, batch)
                return
            except DatabaseUnavailableError as error:
                _log.warning("events wait for the database", events=len(batch), reason=error.message)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 2.0)


async def _is_there(session: AsyncSession, event: NewEvent, number: int) -> bool:
    found = await session.scalar(
        select(Event.at).where(
            Event.stream == event.stream, Event.id == number, Event.at == event.at, Event.kind == event.kind
        )
    )
    return found is not None
