"""Identifiers that sort by time: UUID version 7. And those that must not tell it: version 4."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID, uuid4

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7; sub-millisecond order by its section 6.2, method 3).

    The 48-bit Unix time in milliseconds is followed by 12 bits of the fraction of a millisecond and 62 random bits.
    Within a process identifiers strictly increase, also when the clock steps back.
    """
    global _last
    with _lock:
        milliseconds, rest = divmod(time.time_ns(), 1_000_000)
        stamp = max((milliseconds << 12) | (rest * 4096 // 1_000_000), _last + 1)
        _last = stamp
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | random)


def timeless_id() -> UUID:
    """A UUIDv4, for rows whose time of making must not be told to whoever sees the identifier."""
    return uuid4()
