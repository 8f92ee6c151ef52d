"""Counts in words."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 step``, ``2 steps``, ``1,000 steps``.

    :param many: the word for more than one, where it is not ``one`` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_ONE = {
    "are": "is",
    "have": "has",
    "differ": "differs",
    "share": "shares",
    "call": "calls",
    "go": "goes",
    "were": "was",
}


def agreeing(number: int, what: str) -> str:
    """What so many do, its first word a verb in the plural, or of one: ``are cut``, ``is cut``."""
    verb, space, rest = what.partition(" ")
    return (_ONE[verb] if number == 1 else verb) + space + rest
