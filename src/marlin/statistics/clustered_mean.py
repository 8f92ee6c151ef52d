"""The mean of a score in [0, 1] over votes that cluster by contributor, and its t statistic.

For clusters of equal size this is exactly the t test on the contributors' means; for unequal ones CR3 with the
effective number of clusters (see :mod:`marlin.statistics.sandwich`). Works on many data sets at once (leading
axes), which is how it is simulated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtr

from marlin.statistics.arrays import Codes, FloatArray
from marlin.statistics.sandwich import WORKING_ICC
from marlin.statistics.votes import BOTH_BAD, GRADES, TIE, Votes


class ClusteredMean(NamedTuple):
    """Mean, standard error and degrees of freedom; arrays over the leading axes."""

    mean: FloatArray
    standard_error: FloatArray
    df: FloatArray

    def z(self, null: float = 0.5) -> FloatArray:
        """The z value as extreme as the t statistic is: comparable with boundaries of the normal distribution."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(self.standard_error > 0, (self.mean - null) / self.standard_error, 0.0)
        tail = ndtri(np.clip(stdtr(self.df, -np.abs(t)), 1e-300, 0.5))
        return np.asarray(-np.sign(t) * tail)


def clustered_mean(sums: FloatArray, sizes: FloatArray) -> ClusteredMean:
    """From each cluster's sum of scores and number of votes, clusters on the last axis; empty ones are passed over.

    Where all votes agree the plain formula would claim certainty; a vote for either side is then added to the variance.
    """
    sums, sizes = np.broadcast_arrays(np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64))
    total = sizes.sum(axis=-1, keepdims=True)
    mean = sums.sum(axis=-1, keepdims=True) / np.maximum(total, 1)
    share = sizes / np.maximum(total, 1)
    clusters = np.count_nonzero(sizes, axis=-1)
    residual = (sums - mean * sizes) / np.maximum(1 - share, 1e-9)
    factor = (clusters - 1) / np.maximum(clusters, 1)
    variance = factor * (residual**2).sum(axis=-1) / np.maximum(total[..., 0], 1) ** 2
    floor = (mean[..., 0] * total[..., 0] + 0.5) / (total[..., 0] + 1)
    least = floor * (1 - floor) / np.maximum(total[..., 0], 1) * np.where(variance > 0, 0.0, 1.0)
    weights = sizes * (1 + np.maximum(sizes - 1, 0) * WORKING_ICC)
    effective = weights.sum(axis=-1) ** 2 / np.maximum((weights**2).sum(axis=-1), 1e-300)
    return ClusteredMean(mean[..., 0], np.sqrt(variance + least), np.maximum(effective - 1, 1.0))


def support(votes: Votes, first: int, second: int, *, graded: bool = False) -> tuple[FloatArray, FloatArray]:
    """How far each vote supports the first arm against the second, and which votes that concerns.

    :param graded: use strengths, "much better" being 1 and 0; otherwise the sign alone. Equal is ½.
    :returns: scores in [0, 1] of the votes concerned, and their positions.
    """
    forward = (votes.arm_a == first) & (votes.arm_b == second)
    backward = (votes.arm_a == second) & (votes.arm_b == first)
    where = np.flatnonzero((forward | backward) & (votes.outcome != BOTH_BAD))
    lean = TIE - votes.outcome[where].astype(np.float64)
    lean = np.where(forward[where], lean, -lean)
    scores = 0.5 + (lean / (GRADES - 1) if graded else np.sign(lean) / 2)
    return scores, where.astype(np.float64)


def by_cluster(values: FloatArray, codes: Codes | None, size: int | None = None) -> tuple[FloatArray, FloatArray]:
    """Each cluster's sum and size; without codes every value is a cluster of its own."""
    if codes is None:
        return values, np.ones(len(values))
    length = int(codes.max(initial=-1)) + 1 if size is None else size
    sums = np.bincount(codes, values, minlength=length)
    return sums.astype(np.float64), np.bincount(codes, minlength=length).astype(np.float64)
