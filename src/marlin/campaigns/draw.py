"""Which two arms meet in a comparison. Pure, and repeatable from what is recorded."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

DRAW_METHOD = "sha256-pair-1"
"""Names the function from seed to pair, so that a stored draw can be checked years later."""


def draw_pair(candidates: Sequence[UUID], *, seed: str | None = None) -> tuple[tuple[UUID, UUID], dict[str, Any]]:
    """Two of at least two arms, each pair equally likely, and the record of the draw.

    The same seed and candidates, in any order, give the same pair.

    :param seed: for repeating a recorded draw; drawn from the operating system's generator otherwise.
    """
    seed = seed or secrets.token_hex(16)
    pairs = list(combinations(sorted(candidates), 2))
    digest = hashlib.sha256(":".join([seed, *map(str, sorted(candidates))]).encode()).digest()
    pair = pairs[int.from_bytes(digest) % len(pairs)]  # 256 bits over a handful of pairs: the bias is beyond measuring
    record = {"method": DRAW_METHOD, "seed": seed, "candidates": [str(arm) for arm in sorted(candidates)]}
    return pair, record
