"""Amounts of money are whole cents everywhere; text appears only at the edges."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"(?P<whole>\d{1,9})(?:[.,](?P<cents>\d{1,2}))?")


def parse_cents(text: str) -> int:
    """Cents of an amount such as ``12``, ``4.2`` or ``4,20``.

    :raises ValueError: ``text`` is not an amount.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount")
    return int(match["whole"]) * 100 + int((match["cents"] or "0").ljust(2, "0"))


def format_cents(cents: int) -> str:
    """``420`` as ``4.20``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
