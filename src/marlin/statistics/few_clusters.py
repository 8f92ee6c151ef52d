"""How far an interval must reach where few clusters, or very unequal ones, tell how large the error is.

Student's t with one cluster less than there are is exact for the mean of equal clusters under the correction for
leverage (CR3). For unequal ones nothing so simple is: how often an interval holds depends on how alike votes of one
cluster are, which nobody knows. It can be computed, though: for a mean, estimate and error are quadratic forms in
normal variables. What is chosen here is the shortest interval that holds in 95 of 100 cases however alike they are.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import stdtrit

from marlin.statistics.arrays import FloatArray

_ALIKE = (0.0, 0.03, 0.1, 0.3, 1.0)
"""Shares of the variance of a typical cluster's mean that all its votes have in common."""
_APART = 24
"""The largest clusters are each taken as they are, the others as equal: exact if they are."""
_MISS = 0.05
_ANGLES = (np.arange(96) + 0.5) / 96 * np.pi / 2


def degrees_of_freedom(sizes: FloatArray) -> float:
    """Of Student's t, so that its 95 % interval around a leverage-corrected estimate holds in as many cases, at least.

    One less than there are clusters if all are of one size; fewer the more unequal they are, and never less than one.
    """
    present = np.sort(sizes[sizes > 0].astype(np.float64))[::-1]
    if len(present) < 3:
        return 1.0
    if present[-1] > 0.999 * present[0]:
        return len(present) - 1.0
    large, rest = present[:_APART], present[_APART:]
    shares = np.round(large / present.sum(), 4)
    return _degrees(tuple(shares.tolist()), round(float(rest.sum() / present.sum()), 4), len(rest))


@lru_cache(maxsize=4096)
def _degrees(large: tuple[float, ...], rest: float, others: int) -> float:
    from scipy.optimize import brentq  # half a second to import, and many who import this ask for no interval

    share = np.array([*large, *([rest / others] if others else [])])
    times = np.array([*(1.0 for _ in large), *([float(others)] if others else [])])
    share = share / (share @ times)
    clusters = float(times.sum())

    def excess(reach: float) -> float:
        return max(_misses(share, times, alike, reach) for alike in _ALIKE) - _MISS

    low, high = float(stdtrit(clusters - 1, 0.975)), float(stdtrit(1, 0.975))
    if excess(low) <= 0:
        return clusters - 1
    if excess(high) >= 0:
        return 1.0
    reach = float(brentq(excess, low, high, xtol=1e-3))
    return float(brentq(lambda df: float(stdtrit(df, 0.975)) - reach, 1.0, clusters))


def _misses(share: FloatArray, times: FloatArray, alike: float, reach: float) -> float:
    """How often a mean of clusters lies more than ``reach`` of its CR3 standard errors from the truth.

    :param share: of all votes, of each cluster, or of each of ``times`` equal ones.
    """
    clusters = times.sum()
    spread = (1 - alike) / (share * clusters) + alike
    weight = (share / (1 - share)) ** 2
    one, mean = np.sqrt(times), np.sqrt(times) * share  # along each cluster, or the sum of the equal ones
    centred = np.eye(len(share)) - np.outer(one, mean)
    error = (clusters - 1) / clusters * centred.T @ (weight[:, None] * centred)
    both = np.outer(mean, mean) - reach**2 * error
    both *= np.sqrt(spread)[:, None] * np.sqrt(spread)[None, :]
    values = np.linalg.eigvalsh(both)
    if values[-1] <= 0:
        return 0.0
    against = np.maximum(-values[:-1], 0) / values[-1]
    apart = reach**2 * (clusters - 1) / clusters * spread * weight / values[-1]  # what sets equal ones apart
    # The chance that one squared normal variable exceeds a weighted sum of others: Craig's integral of the normal tail.
    logs = np.log1p(against[None, :] / np.sin(_ANGLES)[:, None] ** 2).sum(axis=1)
    logs += (np.log1p(apart[None, :] / np.sin(_ANGLES)[:, None] ** 2) * (times - 1)).sum(axis=1)
    return float(np.exp(-0.5 * logs).mean())
