"""Sources of streamed answers that ask the database, ended so that a reader who leaves costs no connection.

Whoever has left is cancelled again and again until nothing of theirs is left (as anyio's scopes do). The second time
meets psycopg while it takes the query back: it gives the connection up, and warns. So what is pending is cancelled
once, in a task of its own that nothing cancels.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

T = TypeVar("T")
_endings: set[asyncio.Task[None]] = set()  # nothing else keeps a task that nobody waits for


async def apart(source: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """What ``source`` gives, each piece asked for in a task of its own."""
    pending: asyncio.Future[tuple[T] | None] | None = None
    try:
        while True:
            pending = asyncio.ensure_future(_next(source))
            piece = await asyncio.shield(pending)
            pending = None
            if piece is None:
                return
            yield piece[0]
    finally:
        await end(pending, source)


async def end(pending: asyncio.Future[Any] | None, source: AsyncGenerator[Any]) -> None:
    """Cancel what is pending of ``source``, and close it; both go on when the caller is cancelled meanwhile."""
    ending = asyncio.create_task(_end(pending, source))
    _endings.add(ending)
    ending.add_done_callback(_endings.discard)
    await asyncio.shield(ending)


async def ended() -> None:
    """Wait for the ends of those who have left."""
    while _endings:
        await asyncio.gather(*_endings)


async def _next(source: AsyncGenerator[T]) -> tuple[T] | None:
    async for piece in source:
        return (piece,)
    return None


async def _end(pending: asyncio.Future[Any] | None, source: AsyncGenerator[Any]) -> None:
    if pending is not None:
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)
    await source.aclose()
