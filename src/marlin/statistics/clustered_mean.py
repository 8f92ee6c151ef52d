"""The mean of a score in [0, 1] over votes that cluster by contributor, and its t statistic.

For clusters of equal size this is exactly the t test on the contributors' means; for unequal ones CR3 with the
effective number of clusters (see :mod:`marlin.statistics.sandwich`). Works on many data sets at once (leading axes),
which is how it is simulated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from marlin.statistics.arrays import Codes, FloatArray
from marlin.statistics.sandwich import WORKING_ICC
from marlin.statistics.votes import BOTH_BAD, GRADES, TIE, Votes

_ROUNDING = 1e-24
"""A variance of means in [0, 1] up to this is one of equal means that were computed, not one of votes that differ."""

REPEATED = 2.8
"""Found by simulation: it keeps ten looks at independent votes of 5 to 100 contributors within α."""


class ClusteredMean(NamedTuple):
    """Mean, standard error and degrees of freedom; arrays over the leading axes."""

    mean: FloatArray
    standard_error: FloatArray
    df: FloatArray

    def z(self, null: float = 0.5, *, repeated: bool = False) -> FloatArray:
        """The z value as extreme as the t statistic is: comparable with boundaries of the normal distribution.

        :param repeated: for one of several looks. Each look estimates the variance anew, so with few clusters looks
            resemble each other less than the boundaries assume: the tail is raised by 1 + :data:`REPEATED` / df.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(self.standard_error > 0, (self.mean - null) / self.standard_error, 0.0)
        chance = stdtr(self.df, -np.abs(t)) * (1 + (REPEATED / self.df if repeated else 0.0))
        return np.asarray(-np.sign(t) * ndtri(np.clip(chance, 1e-300, 0.5)))

    def reach(self, boundary: float, *, repeated: bool = False) -> FloatArray:
        """Half the width of the interval of all nulls whose :meth:`z` stays within ``±boundary``."""
        raised = 1 + (REPEATED / self.df if repeated else 0.0)
        return np.asarray(-stdtrit(self.df, np.clip(ndtr(-boundary) / raised, 1e-300, 0.5)) * self.standard_error)


def clustered_mean(sums: FloatArray, sizes: FloatArray, *, shared: bool = False) -> ClusteredMean:
    """From each cluster's sum of scores and number of votes, clusters on the last axis; empty ones are passed over.

    Where all votes agree the plain formula would claim certainty; a vote for either side is then added to the variance.

    :param shared: weigh each cluster by what its mean tells if two of its votes correlate by 0.05, which is
        n / (1 + 0.05·(n − 1)): nobody counts for more than twenty votes. Otherwise every vote counts alike.
    """
    sums, sizes = np.broadcast_arrays(np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64))
    worth = sizes / (1 + np.maximum(sizes - 1, 0) * WORKING_ICC)
    weights = worth if shared else sizes
    total, votes = weights.sum(axis=-1, keepdims=True), sizes.sum(axis=-1)
    share = weights / np.maximum(total, 1e-300)
    means = sums / np.maximum(sizes, 1)
    mean = (share * means).sum(axis=-1, keepdims=True)
    clusters = np.count_nonzero(sizes, axis=-1)
    residual = share * (means - mean) / np.maximum(1 - share, 1e-9)
    variance = (clusters - 1) / np.maximum(clusters, 1) * (residual**2).sum(axis=-1)
    floor = (mean[..., 0] * votes + 0.5) / (votes + 1)
    least = np.where(variance > _ROUNDING, 0.0, floor * (1 - floor) / np.maximum(votes, 1))
    effective = 1 / np.maximum((share**2).sum(axis=-1), 1e-300)
    return ClusteredMean(mean[..., 0], np.sqrt(variance + least), np.maximum(effective - 1, 1.0))


def shared_tasks(values: FloatArray, contributor: Codes | None, task: Codes | None, mean: float) -> float:
    """What it adds to the variance of a shared mean that several people judged the same tasks; never less than nothing.

    The second way of a two-way clustered variance: tasks less contributor × task (Cameron, Gelbach & Miller 2011).
    """
    if task is None or len(values) == 0:
        return 0.0
    person = np.arange(len(values)) if contributor is None else contributor.astype(np.int64)
    sizes = np.bincount(person).astype(np.float64)
    worth = sizes / (1 + np.maximum(sizes - 1, 0) * WORKING_ICC)
    residual = (worth / np.maximum(sizes, 1))[person] / worth.sum() * (values - mean)
    _, both = np.unique(person * (int(task.max()) + 1) + task, return_inverse=True)
    by_task, by_both = (float((np.bincount(codes, residual) ** 2).sum()) for codes in (task, both))
    return max(by_task - by_both, 0.0)


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
