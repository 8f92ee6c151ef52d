"""Means with intervals that go by task: pairs of one task are not independent, and their number claims too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from marlin.statistics import clustered_mean

REPETITIONS = 4000
FEW_TASKS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval.

    :ivar tasks: clusters it rests on.
    """

    mean: float
    low: float
    high: float
    pairs: int
    tasks: int

    def __str__(self) -> str:
        return f"{self.mean:.1%} ({self.low:.1%} to {self.high:.1%})"


def by_task(values: Sequence[float], tasks: Sequence[str], *, seed: int = 0, bounds: bool = True) -> Interval | None:
    """The mean of ``values``, drawing whole tasks again and again; ``None`` without values.

    The percentile bootstrap is too narrow with few clusters and claims certainty where all agree, so the interval is
    the wider of it and the clustered t interval of :mod:`marlin.statistics`.

    :param bounds: the values lie in [0, 1]; otherwise (differences) in [−1, 1].
    """
    if not values:
        return None
    _, codes = np.unique(np.asarray(tasks), return_inverse=True)
    scores = np.asarray(values, dtype=np.float64)
    sums, sizes = np.bincount(codes, scores), np.bincount(codes).astype(np.float64)
    clusters = len(sizes)
    draws = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=REPETITIONS)
    means = (draws @ sums) / (draws @ sizes)
    low, high = np.quantile(means, [0.025, 0.975])
    least = 0.0 if bounds else -1.0
    # to [0, 1], in which the library's floor for unanimous votes means something
    scale = 1.0 - least
    found = clustered_mean((sums - least * sizes) / scale, sizes)
    reach = float(stdtrit(found.df, 0.975) * found.standard_error) * scale
    mean = float(scores.mean())
    if clusters == 1:  # nothing is known of how tasks differ
        return Interval(mean, least, 1.0, len(scores), 1)
    # where all agree, what so many tasks can tell: the exact interval for as many independent votes (Clopper & Pearson)
    exact = 0.025 ** (1 / clusters)
    low = min(float(low), mean - reach, exact if np.all(scores == 1) else 1.0)
    high = max(float(high), mean + reach, 1 - exact if bounds and np.all(scores == 0) else -1.0)
    return Interval(mean, max(least, low), min(1.0, high), len(scores), clusters)
