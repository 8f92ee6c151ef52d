"""Counts in words."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 step``, ``2 steps``, ``1,000 steps``.

    :param many: the word for more than one, where it is not ``one`` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
