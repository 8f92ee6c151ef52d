"""Scores of arms from pooled votes: the fit, its clustered covariance, and what can be read off it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from marlin.statistics import connectivity
from marlin.statistics.arrays import FloatArray
from marlin.statistics.errors import InvalidQuestionError, NotEnoughVotesError
from marlin.statistics.estimates import Estimate, checked_level, exact_share, t_quantile
from marlin.statistics.family import (
    Design,
    Family,
    Maximum,
    maximum,
    pair_design,
    pseudo_inverse,
    unit_information,
    verdict_chances,
)
from marlin.statistics.pooling import Pool, counted_votes, pairs_by_cluster, summed, summed_by_arm
from marlin.statistics.provenance import Provenance
from marlin.statistics.sandwich import ClusterBy, Clusters, clustering, nearest_valid, needs_leverage, sandwich
from marlin.statistics.votes import OUTCOMES, Votes

_ELO = 400 / np.log(10)
_AFFORDABLE = 200_000_000
"""Multiplications that correcting for leverage may cost: a fifth of a second."""


@dataclass(frozen=True)
class Scores:
    """Strengths of arms in log-odds, centred at zero.

    :ivar covariance: of the strengths, clustered.
    :ivar effects: further parameters by name: ``side`` (how much being shown as A helps, in log-odds), covariates.
    :ivar regularised: a prior was needed; the provenance says why.
    """

    arms: tuple[str, ...]
    strengths: FloatArray
    covariance: FloatArray
    df: float
    effects: Mapping[str, Estimate]
    regularised: bool
    fit: Maximum
    provenance: Provenance

    def score(self, arm: str, *, level: float = 0.95) -> Estimate:
        """An arm's strength against the average arm, in log-odds."""
        index = self._index(arm)
        return Estimate.around(self.strengths[index], np.sqrt(self.covariance[index, index]), level=level, df=self.df)

    def elo(self, arm: str, *, level: float = 0.95, centre: float = 1000.0) -> Estimate:
        """The same on the scale of chess: 400 points are odds of ten to one."""
        plain = self.score(arm, level=level)
        return Estimate(
            centre + _ELO * plain.value,
            _ELO * plain.standard_error,
            centre + _ELO * plain.low,
            centre + _ELO * plain.high,
            level,
            plain.df,
        )

    def difference(self, first: str, second: str, *, level: float = 0.95) -> Estimate:
        """How much stronger the first is, in log-odds."""
        one, two = self._index(first), self._index(second)
        variance = self.covariance[one, one] + self.covariance[two, two] - 2 * self.covariance[one, two]
        return Estimate.around(
            self.strengths[one] - self.strengths[two], np.sqrt(max(variance, 0.0)), level=level, df=self.df
        )

    def preferred(self, first: str, second: str, *, level: float = 0.95) -> Estimate:
        """The share of votes for the first when both are compared, equal verdicts split; both-bad left out."""
        apart = self.difference(first, second, level=level)
        if not self.fit.family.values.any():
            # nobody preferred either: as many as can't be excluded, of as many people as voted, may all prefer one
            people = self.provenance.counts.get("contributors", self.provenance.counts["votes"])
            most = exact_share(0.0, float(people), level=level).high / 2
            return Estimate(0.5, most / 2, 0.5 - most, 0.5 + most, level, self.df)
        value, low, high = (self._share(eta) for eta in (apart.value, apart.low, apart.high))
        slope = (self._share(apart.value + 1e-4) - self._share(apart.value - 1e-4)) / 2e-4
        return Estimate(value, slope * apart.standard_error, low, high, level, self.df)

    def ranks(self, *, level: float = 0.95) -> dict[str, tuple[int, int]]:
        """Best and worst rank that each arm may hold, all comparisons with it considered at ``level``."""
        reach = t_quantile(checked_level(level) / 2 + 0.5, self.df)
        variance = np.diag(self.covariance)
        error = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * self.covariance, 0))
        apart = self.strengths[:, None] - self.strengths[None, :]
        better = (apart > reach * error + 1e-12).sum(axis=0)
        worse = (apart < -reach * error - 1e-12).sum(axis=0)
        return {arm: (1 + int(better[i]), len(self.arms) - int(worse[i])) for i, arm in enumerate(self.arms)}

    def table(self, *, level: float = 0.95) -> list[dict[str, object]]:
        """One row for each arm, the strongest first."""
        ranks = self.ranks(level=level)
        rows: list[dict[str, object]] = []
        for index in np.argsort(-self.strengths, kind="stable"):
            arm = self.arms[int(index)]
            score = self.score(arm, level=level)
            rows.append({"arm": arm, "score": score.value, "low": score.low, "high": score.high, "ranks": ranks[arm]})
        return rows

    def _share(self, eta: float) -> float:
        family = self.fit.family
        zeta = self.fit.parameters[len(self.fit.parameters) - family.nuisance.shape[1] :]
        chances = verdict_chances(np.array([eta]), zeta, family)[0]
        return float((chances * (1 + np.sign(family.values)) / 2).sum())

    def _index(self, arm: str) -> int:
        if arm not in self.arms:
            raise InvalidQuestionError(f"no arm is called {arm}", hint=f"the arms are {', '.join(self.arms)}")
        return self.arms.index(arm)


def scored(
    votes: Votes, family: Family, *, cluster: ClusterBy = "auto", side_effect: bool = False, method: str = ""
) -> Scores:
    """Fit a family to votes, with clustered uncertainty.

    :param side_effect: estimate, and take out, what being shown as side A is worth.
    :raises NotEnoughVotesError: no vote counts under this family (all are both bad, say), or there is one arm.
    """
    pool, arms = votes.pool, len(votes.arms)
    counts = pool.table.reshape(arms * arms, OUTCOMES) @ family.shares
    if arms < 2 or counts.sum() == 0:
        raise NotEnoughVotesError(
            "no vote tells the arms apart" if arms > 1 else "there is only one arm",
            hint="wait for ratings that prefer a side or call both equal",
        )
    points = (pool.table * family.points).sum(axis=2)
    against = (pool.table * family.losses).sum(axis=2)
    held = connectivity.examined(points + against.T, pool.pairs > 0)
    family = family.restricted_to(counts)
    counts = pool.table.reshape(arms * arms, OUTCOMES) @ family.shares
    design = pair_design(arms, side=side_effect)
    precision = np.zeros(design.width)
    if not held.estimable:
        precision[:arms] = connectivity.PRIOR_SD**-2
    if side_effect:
        precision[arms] = 0.0 if held.estimable else 1.0
    met = counts.sum(axis=1) > 0
    fit = maximum(family, design.select(met), counts[met], precision, sum_to_zero=arms)
    covariance, df, described, notes = _uncertainty(pool, fit, design, counts, precision, cluster)
    effects = {}
    if side_effect:
        spread = float(np.sqrt(max(covariance[arms, arms], 0.0)))
        effects["side"] = Estimate.around(fit.parameters[arms], spread, df=df)
    if not fit.converged:
        notes += ("Newton's method did not converge: treat the numbers as rough.",)
    return Scores(
        votes.arms,
        fit.parameters[:arms],
        covariance[:arms, :arms],
        df,
        effects,
        not held.estimable,
        fit,
        Provenance(
            f"{method or family.name}, Newton on pooled counts",
            votes.data_hash,
            counted_votes(pool),
            family.ties + "; both-bad verdicts are left out",
            described,
            held.notes(votes.arms) + notes,
        ),
    )


def _uncertainty(
    pool: Pool, fit: Maximum, design: Design, counts: FloatArray, precision: FloatArray, by: ClusterBy
) -> tuple[FloatArray, float, str, tuple[str, ...]]:
    """Covariance of all parameters, degrees of freedom, and what to say about both."""
    votes, arms, family = pool.votes, len(pool.votes.arms), fit.family
    clusters, df = clustering(votes, by), float("inf")
    inverse = pseudo_inverse(fit.information, arms)
    chances, mean, nuisance = fit.moments(design)
    counted = family.shares.sum(axis=1)
    by_value = (family.shares @ family.values)[None, :] - counted[None, :] * mean[:, None]
    by_level = [
        (family.shares @ family.nuisance[:, level])[None, :] - counted[None, :] * nuisance[:, [level]]
        for level in range(family.nuisance.shape[1])
    ]
    side = [by_value] if design.width > arms else []
    if clusters.parts:
        total, corrected = np.zeros_like(inverse), True
        for part in clusters.parts:
            size = len(part.sizes)
            scores = np.hstack(
                [
                    summed_by_arm(pool, part.codes, size, by_value),
                    summed(pool, part.codes, size, side + by_level),
                ]
            )
            hessians = _hessians(pool, part, chances, design, family) if part.sign > 0 else None
            corrected &= hessians is not None or part.sign < 0
            df = min(df, part.df(corrected=hessians is not None))
            total += part.sign * sandwich(inverse, scores, hessians)
        covariance = nearest_valid(total) if len(clusters.parts) > 1 else total
        described = f"{clusters.description}; {'CR3, leverage corrected' if corrected else 'CR1'}, Student's t"
    else:
        rows = np.concatenate(
            [
                np.repeat(design.matrix(), OUTCOMES, axis=0) * by_value.reshape(-1, 1),
                np.stack([level.ravel() for level in by_level], axis=1) if by_level else np.zeros((by_value.size, 0)),
            ],
            axis=1,
        )
        meat = rows.T @ (pool.table.reshape(-1, 1) * rows)
        covariance, described = inverse @ meat @ inverse, clusters.description
        df = max(float(counts.sum()) - len(inverse), 1.0)
    if precision.any():
        wide = np.zeros(len(inverse))
        wide[: len(precision)] = precision
        covariance = covariance + (inverse * wide) @ inverse
    return covariance, df, described, clusters.notes


def _hessians(pool: Pool, part: Clusters, chances: FloatArray, design: Design, family: Family) -> FloatArray | None:
    """Each cluster's part of the information, where leverage needs correcting and that can be afforded."""
    width = design.width + family.nuisance.shape[1]
    clusters, groups = len(part.sizes), len(chances)
    if not needs_leverage(part) or clusters * groups * width**2 > _AFFORDABLE:
        return None
    variance, cross, own = unit_information(chances, family)
    unit = np.zeros((groups, width, width))
    wide, matrix = design.width, design.matrix()
    unit[:, :wide, :wide] = variance[:, None, None] * matrix[:, :, None] * matrix[:, None, :]
    unit[:, :wide, wide:] = matrix[:, :, None] * cross[:, None, :]
    unit[:, wide:, :wide] = np.swapaxes(unit[:, :wide, wide:], 1, 2)
    unit[:, wide:, wide:] = own
    given = pairs_by_cluster(pool, part.codes, clusters, family.shares.sum(axis=1) > 0).reshape(clusters, groups)
    return np.asarray(given @ unit.reshape(groups, -1)).reshape(clusters, width, width)
