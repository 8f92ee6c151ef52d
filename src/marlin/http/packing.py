"""Answers packed for the way: what a browser says it can unpack, of what is worth it."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import zstandard

LEAST = 1024
"""Fewer bytes than this are sent as they are: they fill no packet."""

_QUICK = {"zstd": 1, "gzip": 1}
_SMALL = {"zstd": 9, "gzip": 9}


def coding_for(accepted: str) -> str | None:
    """The best of zstd and gzip that an ``Accept-Encoding`` names; None: neither (RFC 9110, section 12.5.3)."""
    named: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        try:
            named[name.strip()] = float(parameters.partition("q=")[2] or 1)
        except ValueError:
            named[name.strip()] = 0
    return next((coding for coding in ("zstd", "gzip") if named.get(coding, 0) > 0), None)


def pack(data: bytes, coding: str, *, small: bool = False) -> bytes:
    """``data`` in a coding of :func:`coding_for`.

    :param small: take the time to make it small, for what is packed once and sent often.
    """
    level = (_SMALL if small else _QUICK)[coding]
    packers: dict[str, Callable[[bytes], bytes]] = {
        "zstd": lambda raw: zstandard.ZstdCompressor(level=level).compress(raw),
        "gzip": lambda raw: zlib.compress(raw, level, wbits=31),
    }
    return packers[coding](data)
