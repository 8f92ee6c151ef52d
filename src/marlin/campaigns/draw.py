"""Which two arms meet in a comparison. Pure, and repeatable from what is recorded."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

DRAW_METHOD = "sha256-pair-2"
"""Names the function from seed to pair, so that a stored draw can be checked years later. Records of ``sha256-pair-1``
have no ``aa_rate``: with a rate of 0 this one gives the same pairs."""


def draw_pair(
    candidates: Sequence[UUID], *, seed: str | None = None, aa_rate: float = 0.0
) -> tuple[tuple[UUID, UUID], dict[str, Any]]:
    """Two of at least two arms, each pair equally likely, or one arm twice; and the record of the draw.

    The same seed, rate and candidates, in any order, give the same pair.

    :param aa_rate: how often an arm meets itself (an A/A control), each one equally likely.
    :param seed: for repeating a recorded draw; drawn from the operating system's generator otherwise.
    """
    seed = seed or secrets.token_hex(16)
    pairs = list(combinations(sorted(candidates), 2))
    digest = hashlib.sha256(":".join([seed, *map(str, sorted(candidates))]).encode()).digest()
    pair = pairs[int.from_bytes(digest) % len(pairs)]  # 256 bits over a handful of pairs: the bias is beyond measuring
    lot, same = _control(seed, aa_rate, sorted(candidates))
    record: dict[str, Any] = {
        "method": DRAW_METHOD,
        "seed": seed,
        "candidates": [str(arm) for arm in sorted(candidates)],
        "aa_rate": aa_rate,
        "aa": lot,
    }
    return (same, same) if lot else pair, record


def _control(seed: str, rate: float, candidates: Sequence[UUID]) -> tuple[bool, UUID]:
    """Whether this is an A/A control, and of which arm: from bytes that the pair does not depend on."""
    digest = hashlib.sha256(":".join(["aa", seed, *map(str, candidates)]).encode()).digest()
    drawn = int.from_bytes(digest[:8]) < rate * 2**64
    return drawn, candidates[int.from_bytes(digest[8:]) % len(candidates)]
