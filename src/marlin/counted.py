"""Counts with their nouns, as people read them."""

from __future__ import annotations


def counted(count: float, one: str, many: str | None = None) -> str:
    """``1 comparison``, ``1,200 comparisons``; a mean is told as the whole number next to it.

    :param many: the plural, where it is more than an ``s``.
    """
    number = f"{count:,.0f}"
    return f"{number} {one if number == '1' else many or f'{one}s'}"


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
