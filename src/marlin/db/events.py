"""The event log: append-only streams that can be followed live and replayed from any point.

A stream (a rollout's, say) has events 1, 2, 3 … without gaps. The number is drawn under a lock on the stream's row that
is held until the commit, so events become visible in the order of their numbers, also with several writers; an identity
column would not do, because transactions commit in another order than they draw. Whoever follows a stream therefore
needs only the last number it saw, and sees at once when something is missing.

Writers collect events for about 100 ms and insert them together. ``NOTIFY`` carries numbers only; each web process has
one connection that listens (:class:`EventHub`), reads what is new for all its subscribers with one query, and catches
up after a reconnect.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.engine import Database
from marlin.db.errors import DatabaseUnavailableError
from marlin.db.models import Event
from marlin.db.types import now
from marlin.logging import get

CHANNEL = "marlin_events"
_PAGE = 500
_log = get(__name__)


@dataclass(frozen=True)
class StoredEvent:
    """An event as it is in the log. ``id`` counts 1, 2, 3 … within ``stream``."""

    id: int
    stream: UUID
    at: datetime
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class _NewEvent:
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
    (number,) = await _insert(session, [_NewEvent(stream, now(), kind, data)])
    return number


async def read(session: AsyncSession, stream: UUID, *, after: int = 0, limit: int = _PAGE) -> list[StoredEvent]:
    """The events of ``stream`` that follow number ``after``, at most ``limit`` of them, in order."""
    rows = await session.execute(
        select(Event.id, Event.stream, Event.at, Event.kind, Event.data)
        .where(Event.stream == stream, Event.id > after)
        .order_by(Event.id)
        .limit(limit)
    )
    return [StoredEvent(*row) for row in rows]


async def last_id(session: AsyncSession, stream: UUID) -> int:
    """The number of the stream's last event, 0 if it has none."""
    found = await session.scalar(text("SELECT last FROM event_stream WHERE id = :id"), {"id": stream})
    return found or 0


async def _insert(session: AsyncSession, events: Sequence[_NewEvent]) -> list[int]:
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
        self._pending: deque[_NewEvent] = deque()
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
        self._pending.append(_NewEvent(stream, at or now(), kind, data))
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
                    batch = [self._pending[index] for index in range(min(len(self._pending), 2 * _PAGE))]
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

    async def _write(self, batch: Sequence[_NewEvent]) -> None:
        pause, numbers = 0.1, list[int]()
        while True:
            try:
                async with self._database.transaction() as session:
                    if self._fence is not None:
                        await self._fence(session)
                    if numbers and await _is_there(session, batch[0], numbers[0]):
                        return  # the commit had succeeded although its connection broke
                    numbers = await _insert(session, batch)
                return
            except DatabaseUnavailableError as error:
                _log.warning("events wait for the database", events=len(batch), reason=error.message)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 2.0)


async def _is_there(session: AsyncSession, event: _NewEvent, number: int) -> bool:
    found = await session.scalar(
        select(Event.at).where(
            Event.stream == event.stream, Event.id == number, Event.at == event.at, Event.kind == event.kind
        )
    )
    return found is not None


class _Subscriber:
    """One follower of a stream. What does not fit into ``recent`` is read from the table."""

    def __init__(self) -> None:
        self.recent: deque[StoredEvent] = deque(maxlen=_PAGE)
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
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start to listen, in the background: the database may be away now or later."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="marlin-event-listener"),
            asyncio.create_task(self._deliver(), name="marlin-event-delivery"),
            asyncio.create_task(self._sweep_now_and_then(), name="marlin-event-sweep"),
        ]

    async def stop(self) -> None:
        """Stop to listen. Subscriptions stay silent from then on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def subscribe(self, stream: UUID, *, after: int = 0) -> AsyncIterator[StoredEvent]:
        """The events of ``stream`` after number ``after``: those in the log, then new ones as they come. Endless.

        None is left out or repeated, and their numbers follow each other. While the database is away it waits.
        """
        subscriber = _Subscriber()
        self._topics.setdefault(stream, set()).add(subscriber)
        try:
            while True:
                if subscriber.behind:
                    subscriber.behind = False
                    page = await self._page(stream, after)
                    subscriber.behind |= page is None or len(page) == _PAGE
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
            if len(events) == 10 * _PAGE:  # there is more than one query may bring
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
                query, {"streams": list(wanted), "cursors": list(wanted.values()), "most": 10 * _PAGE}
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


_hub: EventHub | None = None


def use_hub(hub: EventHub | None) -> None:
    """Make ``hub`` the one that :func:`subscribe` uses in this process."""
    global _hub
    _hub = hub


def subscribe(stream: UUID, *, after: int = 0) -> AsyncIterator[StoredEvent]:
    """Follow a stream in a web process; see :meth:`EventHub.subscribe`."""
    if _hub is None:
        raise DatabaseUnavailableError(
            "This process does not listen for events.", hint="Start Marlin with `marlin up`."
        )
    return _hub.subscribe(stream, after=after)
