"""Which two arms meet in a comparison. Pure, and repeatable from what is recorded."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, combinations
from typing import Any
from uuid import UUID

DRAW_METHOD = "sha256-pair-2"
"""Names the function from seed to pair, so that a stored draw can be checked years later. Records of ``sha256-pair-1``
have no ``aa_rate``: with a rate of 0 this one gives the same pairs. Each pair is equally likely."""

WEIGHED_METHOD = "sha256-pair-3"
"""The same where pairs are not equally likely: the record holds the shares."""

PARTS = 10_000
"""Shares of pairs are whole parts of this, so that what is recorded is exactly what was drawn from."""

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Weights:
    """How often each pair is to be drawn.

    :ivar parts: by pair, its arms in the order of their ids; together :data:`PARTS`. None: each pair alike.
    :ivar record: how that came about, to be stored with the draw.
    """

    parts: Mapping[Pair, int] | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


def draw_pair(
    candidates: Sequence[UUID], *, seed: str | None = None, aa_rate: float = 0.0, weights: Weights | None = None
) -> tuple[Pair, dict[str, Any]]:
    """Two of at least two arms, or one arm twice; and the record of the draw, with the chance that this came out.

    The same seed, rate, weights and candidates, in any order, give the same pair.

    :param aa_rate: how often an arm meets itself (an A/A control), each one equally likely.
    :param seed: for repeating a recorded draw; drawn from the operating system's generator otherwise.
    :param weights: how often each pair is drawn; without them, or where they know other pairs than the candidates
        make, each is equally likely.
    """
    seed = seed or secrets.token_hex(16)
    arms = sorted(candidates)
    pairs = list(combinations(arms, 2))
    parts = weights.parts if weights and weights.parts and set(weights.parts) == set(pairs) else None
    digest = hashlib.sha256(":".join([seed, *map(str, arms)]).encode()).digest()
    number = int.from_bytes(digest)  # 256 bits over a handful of pairs: the bias is beyond measuring
    pair = pairs[number % len(pairs)] if parts is None else _weighed(pairs, parts, number % PARTS)
    lot, same = _control(seed, aa_rate, arms)
    record: dict[str, Any] = {
        "method": DRAW_METHOD if parts is None else WEIGHED_METHOD,
        "seed": seed,
        "candidates": [str(arm) for arm in arms],
        "aa_rate": aa_rate,
        "aa": lot,
        "probability": aa_rate / len(arms)
        if lot
        else (1 - aa_rate) * (1 / len(pairs) if parts is None else parts[pair] / PARTS),
    }
    if parts is not None:
        record["parts"] = [parts[pair] for pair in pairs]
    if weights is not None and weights.record:
        record["weighed"] = dict(weights.record)
    return (same, same) if lot else pair, record


def _weighed(pairs: Sequence[Pair], parts: Mapping[Pair, int], number: int) -> Pair:
    up_to = accumulate(parts[pair] for pair in pairs)
    return next(pair for pair, end in zip(pairs, up_to, strict=True) if number < end)


def parts_of(pairs: Sequence[Pair], weights: Sequence[float], *, floor: float) -> dict[Pair, int]:
    """Whole parts for each pair: ``floor`` of all is dealt out alike, the rest by weight (largest remainders)."""
    total = sum(weights)
    shares = [
        PARTS * (floor / len(pairs) + (1 - floor) * (weight / total if total else 1 / len(pairs))) for weight in weights
    ]
    parts = [int(share) for share in shares]
    most_left = sorted(range(len(pairs)), key=lambda place: (parts[place] - shares[place], place))
    for place in most_left[: PARTS - sum(parts)]:
        parts[place] += 1
    return dict(zip(pairs, parts, strict=True))


def _control(seed: str, rate: float, candidates: Sequence[UUID]) -> tuple[bool, UUID]:
    """Whether this is an A/A control, and of which arm: from bytes that the pair does not depend on."""
    digest = hashlib.sha256(":".join(["aa", seed, *map(str, candidates)]).encode()).digest()
    drawn = int.from_bytes(digest[:8]) < rate * 2**64
    return drawn, candidates[int.from_bytes(digest[8:]) % len(candidates)]
