"""Which arm sits on which side, drawn at random once per comparison, and names that say nothing about it.

The draw is recorded (seed and outcome), so that anyone can repeat it and nobody can steer it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Side = Literal["A", "B"]
"""A place on the screen, never an arm."""

SIDES: tuple[Side, Side] = ("A", "B")

DRAW_METHOD = "sha256-parity-1"
"""Names the function from seed to sides, so that a stored draw can be checked years later."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The outcome of drawing sides.

    :ivar seed: 16 random bytes, hexadecimal, from the operating system.
    :ivar arms: the arm on each side.
    """

    seed: str
    method: str
    arms: dict[Side, UUID]


def draw_sides(first: UUID, second: UUID, *, seed: str | None = None) -> Draw:
    """Put two arms on two sides at random.

    The same seed and the same pair, in either order, give the same sides: the order in which a campaign lists its arms
    has no influence. An arm may be compared with itself (an A/A control).

    :param seed: for repeating a recorded draw; drawn from the operating system's generator otherwise.
    """
    seed = seed or secrets.token_hex(16)
    low, high = sorted((first, second))
    swap = hashlib.sha256(f"{seed}:{low}:{high}".encode()).digest()[0] & 1
    return Draw(seed, DRAW_METHOD, {"A": high, "B": low} if swap else {"A": low, "B": high})


def other(side: Side) -> Side:
    """The opposite side."""
    return "B" if side == "A" else "A"


def opaque_id(rollout_id: UUID, attempt: int, purpose: str) -> str:
    """A sandbox's id: stable for the attempt, and silent about arm and side (host paths show in mountinfo)."""
    return hashlib.sha256(f"{rollout_id}:{attempt}:{purpose}".encode()).hexdigest()[:20]
