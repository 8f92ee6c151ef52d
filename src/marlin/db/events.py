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

from collections.abc import AsyncGenerator
from uuid import UUID

from marlin.db.errors import DatabaseUnavailableError
from marlin.db.event_archive import archived, restore, set_archived
from marlin.db.event_hub import EventHub
from marlin.db.event_log import (
    CHANNEL,
    StoredEvent,
    append,
    appending,
    copy,
    count_items,
    count_some,
    count_things,
    last_id,
    read,
    read_some,
    read_things,
)
from marlin.db.event_writer import EventWriter

__all__ = [
    "CHANNEL",
    "EventHub",
    "EventWriter",
    "StoredEvent",
    "append",
    "appending",
    "archived",
    "copy",
    "count_items",
    "count_some",
    "count_things",
    "end_subscriptions",
    "last_id",
    "read",
    "read_some",
    "read_things",
    "restore",
    "set_archived",
    "subscribe",
    "use_hub",
]

_hub: EventHub | None = None


def use_hub(hub: EventHub | None) -> None:
    """Make ``hub`` the one that :func:`subscribe` uses in this process."""
    global _hub
    _hub = hub


def end_subscriptions() -> None:
    """Let all who follow a stream in this process go; they may come back to another one."""
    if _hub is not None:
        _hub.end_subscriptions()


def subscribe(stream: UUID, *, after: int = 0) -> AsyncGenerator[StoredEvent]:
    """Follow a stream in a web process; see :meth:`EventHub.subscribe`."""
    if _hub is None:
        raise DatabaseUnavailableError(
            "This process does not listen for events.", hint="Start Marlin with `marlin up`."
        )
    return _hub.subscribe(stream, after=after)
