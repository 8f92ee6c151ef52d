"""How many event streams one person follows at a time: whoever opens hundreds must not keep others from theirs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request

from marlin.accounts.guards import COOKIE
from marlin.comparisons.errors import TooManyStreamsError

STREAMS_PER_PERSON = 24
"""In one web process. A browser keeps six connections to a host over HTTP/1.1; over HTTP/2 it is one for each tab."""

_followed: Counter[UUID | bytes] = Counter()


class Seat:
    """The place of one stream among those of its person, from the request to the end of the answer."""

    def __init__(self) -> None:
        self._taken: list[UUID | bytes] = []

    def take(self, whose: UUID | bytes) -> None:
        """Count this stream as that of a person, or of a sign-in.

        :raises TooManyStreamsError: as many are followed as one person may.
        """
        if _followed[whose] >= STREAMS_PER_PERSON:
            raise TooManyStreamsError(
                f"You follow {STREAMS_PER_PERSON} comparisons at a time, and that is how many one person may.",
                hint="Close pages of comparisons that you don't need; this one goes on by itself.",
                retry_after=5,
            )
        self._taken.append(whose)
        _followed[whose] += 1

    def leave(self) -> None:
        """Count it no more."""
        for whose in self._taken:
            _followed[whose] -= 1
            if not _followed[whose]:
                del _followed[whose]
        self._taken = []


async def seat(request: Request) -> AsyncIterator[Seat]:
    """A dependency: left when the answer has ended, however it ended, or was never begun.

    It is taken by what the request shows of its sign-in, before the database is asked whose that is: a refusal
    that first waited for a connection would keep others waiting, too.
    """
    taken = Seat()
    shown = request.headers.get("authorization") or request.cookies.get(COOKIE) or ""
    try:
        taken.take(hashlib.sha256(shown.encode(errors="surrogateescape")).digest())
        yield taken
    finally:
        taken.leave()
