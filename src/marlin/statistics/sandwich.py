"""Covariances that stay true when one person's votes resemble each other (Liang & Zeger 1986; Cameron & Miller 2015).

The votes of one contributor share a taste, and the turns of one task share their code: only whole clusters are
taken as independent. Where a task was judged by several people, both count (two-way, Cameron, Gelbach & Miller
2011). With few clusters the plain sandwich is too short: each cluster's score is corrected for its own leverage
(CR3, Bell & McCaffrey 2002, close to a jackknife), and quantiles are Student's t, with the degrees of freedom that
make an interval hold however alike the votes of one cluster are (:mod:`marlin.statistics.few_clusters`); where there
are many, with the effective number of clusters (Carter, Schnepel & Steigerwald 2017).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from marlin.statistics.arrays import Codes, FloatArray, IntArray
from marlin.statistics.errors import InvalidQuestionError
from marlin.statistics.few_clusters import degrees_of_freedom
from marlin.statistics.votes import Votes

ClusterBy = Literal["auto", "contributor", "task", "both", "none"]

FEW_CLUSTERS = 200
"""Up to this many, or where one holds more than 5 % of the votes, leverage is corrected exactly."""

FEW_PEOPLE = 10
"""Below this many contributors a variance between them is an estimate on a handful of values: the reader is told."""

WORKING_ICC = 0.05
"""How alike two votes of one contributor are taken to be when their mean is weighed against others' means."""


@dataclass(frozen=True)
class Clusters:
    """A partition of the votes.

    :ivar sign: +1, or −1 for the intersection in a two-way covariance.
    """

    codes: Codes
    sizes: FloatArray
    sign: int = 1

    def df(self, *, corrected: bool) -> float:
        """Degrees of freedom of intervals; a covariance by several partitions has those of the coarsest.

        :param corrected: whether leverage was.
        """
        if self.sign < 0:
            return float("inf")
        return degrees_of_freedom(self.sizes) if corrected else effective_clusters(self.sizes) - 1


@dataclass(frozen=True)
class Clustering:
    """The partitions a covariance is summed over; none: votes are independent."""

    parts: tuple[Clusters, ...]
    description: str
    notes: tuple[str, ...] = field(default=())


def clustering(votes: Votes, by: ClusterBy = "auto") -> Clustering:
    """How these votes cluster.

    :param by: ``auto`` takes contributors, and tasks as well where several people judged one.
    :raises InvalidQuestionError: clusters are asked for that the votes don't tell.
    """
    if by in ("contributor", "both") and votes.contributor is None:
        raise InvalidQuestionError("the votes don't say who gave them", hint="add the column contributor")
    if by in ("task", "both") and votes.task is None:
        raise InvalidQuestionError("the votes don't say on which task they were", hint="add the column task")
    people = _part(votes.contributor, votes.by_contributor) if by in ("auto", "contributor", "both") else None
    tasks = _part(votes.task, votes.by_task) if by in ("auto", "task", "both") else None
    if by == "auto" and people is not None and tasks is not None and not _shared(people.codes, tasks.codes, votes):
        tasks = None if len(people.sizes) > 1 else tasks
    single = people is not None and np.count_nonzero(people.sizes) < 2
    notes: tuple[str, ...] = ()
    if single:
        notes = ("All votes are one contributor's: the interval says nothing about what others would prefer.",)
        people = None
    if tasks is not None and np.count_nonzero(tasks.sizes) < 2:
        tasks = None
    if people is not None and np.count_nonzero(people.sizes) < FEW_PEOPLE:
        notes += (
            f"Only {np.count_nonzero(people.sizes)} people voted. How far their judgements lie apart is hardly known"
            " from so few: intervals hold as often as they say, but single ones can be far too short."
            " Don't act on them alone.",
        )
    if people is not None and people.sizes.max() > 0.4 * people.sizes.sum():
        share = people.sizes.max() / people.sizes.sum()
        notes += (f"One contributor gave {share:.0%} of the votes: little is known about anybody else's judgement.",)
    if people is not None and tasks is not None:
        return Clustering((people, tasks, _crossed(people, tasks)), "by contributor and by task (two-way)", notes)
    if people is not None:
        return Clustering((people,), f"by contributor ({np.count_nonzero(people.sizes)})", notes)
    if tasks is not None:
        return Clustering((tasks,), f"by task ({np.count_nonzero(tasks.sizes)})", notes)
    if by != "none" and not single:
        notes = ("The votes don't say who gave them, so they are taken as independent: intervals may be too short.",)
    return Clustering((), "none: votes are taken as independent", notes)


def _part(codes: Codes | None, sizes: IntArray | None) -> Clusters | None:
    return None if codes is None or sizes is None else Clusters(codes, sizes.astype(np.float64))


def _shared(person: Codes, task: Codes, votes: Votes) -> bool:
    """Whether several people judged one task."""
    first = np.zeros(len(votes.tasks), dtype=person.dtype)
    first[task] = person
    return bool((first[task] != person).any())


def _crossed(people: Clusters, tasks: Clusters) -> Clusters:
    both = people.codes.astype(np.int64) * len(tasks.sizes) + tasks.codes
    _, codes, sizes = np.unique(both, return_inverse=True, return_counts=True)
    return Clusters(codes, sizes.astype(np.float64), sign=-1)


def effective_clusters(sizes: FloatArray) -> float:
    """How many equal clusters would be worth as much as these: their number, less the more unequal they are."""
    return max(float(sizes.sum() ** 2 / (sizes**2).sum()), 2.0) if np.count_nonzero(sizes) > 1 else 2.0


def needs_leverage(part: Clusters) -> bool:
    """Whether clusters are so few, or one so large, that the plain sandwich would be too short."""
    present = part.sizes[part.sizes > 0]
    return len(present) <= FEW_CLUSTERS or bool(present.max() > 0.05 * present.sum())


def sandwich(inverse: FloatArray, scores: FloatArray, hessians: FloatArray | None = None) -> FloatArray:
    """The clustered covariance of one partition.

    :param inverse: of the information matrix.
    :param scores: ``(cluster, parameter)``: each cluster's sum of score contributions.
    :param hessians: ``(cluster, parameter, parameter)``: each cluster's part of the information; with them leverage is
        corrected (CR3), without them the number of clusters alone (CR1).
    """
    clusters = int(np.count_nonzero(np.abs(scores).sum(axis=1) > 0))
    if hessians is None:
        factor = clusters / (clusters - 1) if clusters > 1 else 1.0
        return np.asarray(factor * inverse @ _squared(scores) @ inverse)
    size = inverse.shape[0]
    left = np.eye(size) - hessians @ inverse
    try:
        corrected = np.linalg.solve(left, scores[:, :, None])[:, :, 0]
        if np.linalg.cond(left).max() > 1e8:
            raise np.linalg.LinAlgError
    except np.linalg.LinAlgError:  # an arm that one contributor alone has judged: as far as the rest can tell
        corrected = (np.linalg.pinv(left, rcond=1e-6) @ scores[:, :, None])[:, :, 0]
    factor = (clusters - 1) / clusters if clusters > 1 else 1.0
    return np.asarray(factor * inverse @ _squared(np.asarray(corrected, dtype=np.float64)) @ inverse)


def _squared(scores: FloatArray) -> FloatArray:
    """The sum of each row's outer product with itself.

    In pieces that BLAS does alone: beside other busy processes its threads wait for each other a hundred times longer
    than they compute.
    """
    total = np.zeros((scores.shape[1], scores.shape[1]))
    for start in range(0, len(scores), 64):
        piece = scores[start : start + 64]
        total += piece.T @ piece
    return total


def nearest_valid(covariance: FloatArray) -> FloatArray:
    """Without the negative variances that a two-way difference can leave."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    if values.min(initial=0.0) >= 0:
        return covariance
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)
