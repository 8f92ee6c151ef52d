"""What takes long says what it does: how a library tells, and who listens decides how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Say(Protocol):
    """Called when something else is begun, and again as it gets on."""

    def __call__(self, what: str, done: int = 0, of: int = 0, /) -> None:
        """:param of: how many there are in all; 0 where that is not known or nothing is counted."""


def silently(what: str, done: int = 0, of: int = 0, /) -> None:
    """Nobody listens."""


def counting(items: Iterable[Item], say: Say, what: str, of: int = 0) -> Iterator[Item]:
    """The same items; says how many have been taken."""
    say(what, 0, of)
    for number, item in enumerate(items, start=1):
        yield item
        say(what, number, of)
