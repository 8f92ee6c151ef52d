"""The cluster bootstrap: draw whole contributors again and again, and see how far scores move.

A check of the sandwich, not a replacement: it takes a refit for each draw, and with few contributors it is too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from marlin.statistics import connectivity
from marlin.statistics.arrays import FloatArray
from marlin.statistics.errors import NotEnoughVotesError
from marlin.statistics.family import DAVIDSON, Family, maximum, pair_design
from marlin.statistics.provenance import Provenance
from marlin.statistics.sandwich import ClusterBy, clustering
from marlin.statistics.votes import OUTCOMES, Votes


@dataclass(frozen=True)
class Resampled:
    """Strengths of the arms in each draw: ``(draw, arm)``, centred at zero."""

    arms: tuple[str, ...]
    strengths: FloatArray
    provenance: Provenance

    @property
    def covariance(self) -> FloatArray:
        """Of the strengths over draws."""
        return np.asarray(np.cov(self.strengths, rowvar=False))

    def difference(self, first: str, second: str, *, level: float = 0.95) -> tuple[float, float]:
        """The percentile interval of how much stronger the first is."""
        apart = self.strengths[:, self.arms.index(first)] - self.strengths[:, self.arms.index(second)]
        low, high = np.quantile(apart, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def bootstrap(
    votes: Votes, family: Family = DAVIDSON, *, repetitions: int = 200, cluster: ClusterBy = "auto", seed: int = 0
) -> Resampled:
    """Refit a family (``DAVIDSON``, ``TIES_HALF``, ``TIES_DROPPED``, ``GRADED``) on clusters drawn with replacement.

    Where several people judged one task, contributors are drawn. Draws that are disconnected or separable are
    regularised, so that none is lost.

    :raises NotEnoughVotesError: there are less than two clusters.
    """
    grouped = clustering(votes, cluster)
    if not grouped.parts:
        raise NotEnoughVotesError("there are less than two clusters to draw from", hint="add contributors")
    part, pool, arms = grouped.parts[0], votes.pool, len(votes.arms)
    present = np.flatnonzero(part.sizes)
    design, generator = pair_design(arms), np.random.default_rng(seed)
    strengths = np.zeros((repetitions, arms))
    regularised = 0
    for draw in range(repetitions):
        weight = np.zeros(len(part.sizes))
        weight[present] = generator.multinomial(len(present), np.full(len(present), 1 / len(present)))
        table = np.bincount(pool.cells, weight[part.codes], minlength=arms * arms * OUTCOMES)
        table = table.reshape(arms, arms, OUTCOMES)
        counts = table.reshape(-1, OUTCOMES) @ family.shares
        lost = (table * family.losses).sum(axis=2)
        held = connectivity.examined((table * family.points).sum(axis=2) + lost.T, table.sum(axis=2) > 0)
        precision = np.zeros(arms) if held.estimable else np.full(arms, connectivity.PRIOR_SD**-2)
        regularised += not held.estimable
        fewer = family.restricted_to(counts)
        counts = table.reshape(-1, OUTCOMES) @ fewer.shares
        met = counts.sum(axis=1) > 0
        if met.any():
            strengths[draw] = maximum(fewer, design.select(met), counts[met], precision, sum_to_zero=arms).parameters[
                :arms
            ]
    notes = (f"{regularised} of {repetitions} draws were regularised.",) if regularised else ()
    provenance = Provenance(
        f"{family.name}, cluster bootstrap, {repetitions} repetitions, seed {seed}",
        votes.data_hash,
        votes.counts(),
        family.ties + "; both-bad verdicts are left out",
        grouped.description,
        grouped.notes + notes,
    )
    return Resampled(votes.arms, strengths, provenance)
