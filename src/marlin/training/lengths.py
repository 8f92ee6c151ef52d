"""How long the sequences of a dataset are, in tokens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of the longer sequence of each pair."""

    pairs: int = 0
    p50: int = 0
    p90: int = 0
    p99: int = 0
    longest: int = 0
    histogram: tuple[tuple[int, int], ...] = ()
    """``(up to so many tokens, pairs)``, powers of two."""


def lengths_of(values: list[int]) -> Lengths:
    """Quantiles and histogram; zeros without values."""
    if not values:
        return Lengths()
    ordered = sorted(values)

    def at(share: float) -> int:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    bins = Counter(1 << max(value - 1, 1).bit_length() for value in values)
    return Lengths(len(values), at(0.5), at(0.9), at(0.99), ordered[-1], tuple(sorted(bins.items())))
