"""Following streams: one connection that listens per web process, and the fan-out to all who follow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from uuid import UUID

import psycopg
from sqlalchemy import text

from marlin.db.engine import Database
from marlin.db.errors import DatabaseUnavailableError
from marlin.db.event_log import CHANNEL, PAGE, StoredEvent, read
from marlin.logging import get

_log = get(__name__)


class _Subscriber:
    """One follower of a stream. What does not fit into ``recent`` is read from the table."""

    def __init__(self) -> None:
        self.recent: deque[StoredEvent] = deque(maxlen=PAGE)
        self.wake = asyncio.Event()
        self.behind = True


class EventHub:
    """The one connection of a web process that listens for events, and the fan-out to all who follow a stream.

    :param sweep: seconds between two looks for events whose notification got lost.
    """

    def __init__(self, database: Database, *, sweep: float = 15.0) -> None:
        self._database = database
        self._sweep = sweep
        self._topics: dict[UUID, set[_Subscriber]] = {}
        self._cursors: dict[UUID, int] = {}
        self._dirty: set[UUID] = set()
        self._kick = asyncio.Event()
        self._ended = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start to listen, in the background: the database may be away now or later."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="marlin-event-listener"),
            asyncio.create_task(self._deliver(), name="marlin-event-delivery"),
            asyncio.create_task(self._sweep_now_and_then(), name="marlin-event-sweep"),
        ]

    async def stop(self) -> None:
        """Stop to listen, and end the subscriptions."""
        self.end_subscriptions()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def end_subscriptions(self) -> None:
        """End those that there are and those to come: a service that stops would wait for whoever follows."""
        self._ended = True
        self._all_behind()

    async def subscribe(self, stream: UUID, *, after: int = 0) -> AsyncGenerator[StoredEvent]:
        """The events of ``stream`` after number ``after``: those in the log, then new ones as they come.

        It goes on until the hub ends its subscriptions. None is left out or repeated, and their numbers follow each
        other. While the database is away it waits.
        """
        subscriber = _Subscriber()
        self._topics.setdefault(stream, set()).add(subscriber)
        try:
            while not self._ended:
                if subscriber.behind:
                    subscriber.behind = False
                    page = await self._page(stream, after)
                    subscriber.behind |= page is None or len(page) == PAGE
                    for event in page or ():
                        after = event.id
                        yield event
                elif subscriber.recent:
                    event = subscriber.recent.popleft()
                    if event.id == after + 1:
                        after = event.id
                        yield event
                    elif event.id > after:
                        subscriber.behind = True
                else:
                    await subscriber.wake.wait()
                    subscriber.wake.clear()
        finally:
            followers = self._topics[stream]
            followers.discard(subscriber)
            if not followers:
                del self._topics[stream]
                self._cursors.pop(stream, None)

    async def _page(self, stream: UUID, after: int) -> list[StoredEvent] | None:
        try:
            async with self._database.transaction() as session:
                return await read(session, stream, after=after)
        except DatabaseUnavailableError:
            await asyncio.sleep(0.5)
            return None

    async def _listen(self) -> None:
        dsn = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    dsn, autocommit=True, connect_timeout=5, application_name="marlin events", keepalives_idle=10
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._all_behind()  # what was notified while nobody listened
                    async for notification in connection.notifies():
                        self._notified(notification.payload)
            except psycopg.Error as error:
                _log.warning("listening for events is interrupted", reason=str(error).strip())
                await asyncio.sleep(0.5)

    def _notified(self, payload: str) -> None:
        name, first, _ = payload.split(":")
        stream = UUID(name)
        if stream in self._topics:
            self._cursors.setdefault(stream, int(first) - 1)
            self._dirty.add(stream)
            self._kick.set()

    def _all_behind(self) -> None:
        self._wake(subscriber for followers in self._topics.values() for subscriber in followers)

    @staticmethod
    def _wake(subscribers: Iterable[_Subscriber]) -> None:
        for subscriber in subscribers:
            subscriber.behind = True
            subscriber.wake.set()

    async def _deliver(self) -> None:
        while True:
            await self._kick.wait()
            self._kick.clear()
            wanted = {stream: self._cursors[stream] for stream in self._dirty if stream in self._cursors}
            self._dirty.clear()
            if not wanted:
                continue
            try:
                events = await self._fetch(wanted)
            except DatabaseUnavailableError:
                self._all_behind()
                continue
            for event in events:
                if event.stream in self._cursors:
                    self._cursors[event.stream] = max(event.id, self._cursors[event.stream])
                for subscriber in self._topics.get(event.stream, ()):
                    subscriber.recent.append(event)
                    subscriber.wake.set()
            if len(events) == 10 * PAGE:  # there is more than one query may bring
                self._dirty |= wanted.keys()
                self._kick.set()

    async def _fetch(self, wanted: dict[UUID, int]) -> list[StoredEvent]:
        query = text(
            "SELECT e.id, e.stream, e.at, e.kind, e.data "
            "FROM unnest(CAST(:streams AS uuid[]), CAST(:cursors AS bigint[])) AS w(stream, cursor) "
            "JOIN event e ON e.stream = w.stream AND e.id > w.cursor ORDER BY e.stream, e.id LIMIT :most"
        )
        async with self._database.transaction() as session:
            rows = await session.execute(
                query, {"streams": list(wanted), "cursors": list(wanted.values()), "most": 10 * PAGE}
            )
            return [StoredEvent(*row) for row in rows]

    async def _sweep_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._sweep)
            streams = list(self._topics)
            try:
                async with self._database.transaction() as session:
                    rows = await session.execute(
                        text("SELECT id, last FROM event_stream WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": streams}
                    )
                    behind = [stream for stream, last in rows if last > self._cursors.get(stream, 0)]
            except DatabaseUnavailableError:
                continue
            for stream in behind:
                self._wake(self._topics.get(stream, ()))
